"""An op as a function of one row's arguments."""

from __future__ import annotations

import functools
import types
from typing import TYPE_CHECKING, Any, Callable, Optional

from . import local_modules
from .adaptation import Adaptation, fresh
from .calls import current
from .values import encode_value

if TYPE_CHECKING:
    from .binding import Parameter
    from .loading import LoadedOp
    from .outputs import Naming


class RowFunction:
    """An op as a function of one row's arguments.

    ``call`` takes them in the ``order`` of their columns, and returns a result of which ``outputs`` makes the encoded
    outputs. Results of exactly the type ``plain`` are the only output as it stands; None where there is no such type.

    Args:
        op: the op.
        parameters: what the columns are for.
        common: the op's other arguments.
        naming: the op's.
        adapt: one of ``conversion.MODES``.
    """

    def __init__(
        self, op: LoadedOp, parameters: list[Parameter], common: dict[str, Any], naming: Naming, adapt: str
    ) -> None:
        if op.folder:
            local_modules.enter(op.folder)
        self._op = op
        self._naming = naming
        self._names = [parameter.name for parameter in parameters]
        self._common = common
        self._changeable = [name for name, value in common.items() if isinstance(value, (list, dict))]
        # What fits arrays is left out where there are none.
        has_arrays = any(_is_of_arrays(each.descriptor) for each in op.description.inputs)
        self._adaptation = Adaptation(op.description, adapt) if has_arrays else None
        self.plain = naming.outputs[0].plain if len(naming.outputs) == 1 and not has_arrays else None
        self.order = list(range(len(parameters)))
        self.call: Callable[..., Any] = self._call_by_name
        if not self._changeable and not has_arrays:
            self._call_by_position()

    def _call_by_position(self) -> None:
        """A row then costs little more than the function. Only where its first parameters certainly are the columns':
        what wraps a function may want names."""
        function, count = self._op.function, len(self._names)
        if type(function) is not types.FunctionType:
            return
        first = function.__code__.co_varnames[: min(count, function.__code__.co_argcount)]
        if sorted(first) == sorted(self._names):
            self.order = [self._names.index(name) for name in first]
            self.call = functools.partial(function, **self._common) if self._common else function

    def _call_by_name(self, *row: Any) -> Any:
        arguments = dict(self._common)
        for name in self._changeable:
            arguments[name] = fresh(arguments[name])
        arguments.update(zip(self._names, row))
        if self._adaptation is None:
            return self._op.function(**arguments)
        call = current()
        if call is not None:
            call.set_part(0, 1)  # which parts there are is another matter for each row
        return self._adaptation.call(self._op.function, arguments)

    def outputs(self, result: Any) -> list[Any]:
        """The encoded outputs in a result; floats that are not finite stay what they are, because arrays have such.

        Raises:
            AlcoveError: ``op_failed`` for what the op does not declare, ``unencodable_output``.
        """
        outputs = self._naming.named(result) if self._adaptation is None else result
        return [
            value if type(value) is float else encode_value(value, f"outputs.{name}", None)
            for name, value in outputs.items()
        ]


def _is_of_arrays(descriptor: dict[str, Any]) -> bool:
    items: Optional[dict[str, Any]] = descriptor.get("items")
    return descriptor["type"] == "array" or (items is not None and items.get("type") == "array")
