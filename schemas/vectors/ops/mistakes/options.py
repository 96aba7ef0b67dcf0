from alcove import op


@op(
    name="a:b",
    title=5,
    output="two words",
    menu="Segmentation>>Cells",
    version=1.2,
    idempotent="yes",
    gpu=1,
    grace=-1,
    memory=1.5e9,
    colour="red",
)
def all_wrong() -> int:
    return 1


@op(name=" blank", title="bell\x07", menu="\ud800", version="\x00", grace=float("nan"), memory=0)
def more_wrong() -> None: ...


@op(name="two\nlines", grace="long", memory=True)
def still_more() -> None: ...
