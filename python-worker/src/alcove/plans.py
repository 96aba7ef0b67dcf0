"""How a loaded op is called: what can be known before a call is found out once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import local_modules
from .adaptation import Adaptation
from .binding import Binding
from .values import decode_value, encode_value

if TYPE_CHECKING:
    from .arrays import Arrays
    from .loading import LoadedOp


_CONTAINERS = {dict, list}  # JSON's; all else is decoded already


class Plan:
    """A loaded op and all that its calls have in common."""

    def __init__(self, op: LoadedOp) -> None:
        self.op = op
        self.binding = Binding(op.description)
        self._function, self._folder = op.function, op.folder
        self._adaptations: dict[str, Adaptation] = {}  # by mode

    def outputs_of(self, inputs: dict[str, Any], arrays: Arrays, adapt: str) -> dict[str, Any]:
        """The op's encoded outputs for encoded inputs.

        Args:
            inputs: by name.
            arrays: where those lie that the inputs and the outputs name.
            adapt: one of ``conversion.MODES``.

        Raises:
            AlcoveError: what decoding, ``Binding.arguments``, ``Adaptation.call`` and encoding raise.
            BaseException: what the op raises.
        """
        decoded = inputs
        if not _CONTAINERS.isdisjoint(map(type, inputs.values())):
            decoded = {name: decode_value(value, f"inputs.{name}", arrays) for name, value in inputs.items()}
        arguments = self.binding.arguments(decoded)
        if self._folder:
            local_modules.enter(self._folder)
        adaptation = self._adaptations.get(adapt) or self.adaptation(adapt)
        outputs = adaptation.call(self._function, arguments)
        encoded = {name: encode_value(value, f"outputs.{name}", arrays) for name, value in outputs.items()}
        arrays.place_small()
        return encoded

    def adaptation(self, adapt: str) -> Adaptation:
        """How the op is called in this mode."""
        adaptation = self._adaptations.get(adapt)
        if adaptation is None:
            adaptation = self._adaptations[adapt] = Adaptation(self.op.description, adapt)
        return adaptation
