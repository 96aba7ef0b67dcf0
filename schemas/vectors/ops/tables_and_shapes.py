"""Tables and outlines."""

from typing import Annotated, NamedTuple, Optional

from alcove import Label, Labels, Shapes, Table, op


class Measured(NamedTuple):
    """What ``measure`` gives.

    table: one row for each object
    outlines: in the order of the rows
    """

    table: Table
    outlines: Shapes
    image_name: str


@op
def measure(
    labels: Labels, known: Optional[Table] = None, regions: Annotated[Optional[Shapes], Label("Regions")] = None
) -> Measured:
    """Measures objects.

    labels: the objects
    known: measured before
    regions: where to look; everywhere when there are none
    """
    return Measured(Table({"area": [1.5]}), [], "")


@op
def one_table(table: Table) -> Table:
    return table


@op
def one_list_of_shapes(shapes: Shapes) -> Shapes:
    return shapes
