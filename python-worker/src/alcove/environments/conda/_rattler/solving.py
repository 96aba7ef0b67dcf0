"""Which packages a specification means, and why there are none when there are none."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import rattler
from clients import new_client
from rattler.exceptions import GatewayError, SolverError
from rattler.package.build_string import BuildString
from telling import Failed, Json, tell

_SECONDS_FOR_BLAME = 10.0
_NETWORK_TROUBLE = "HTTP status|error sending request|error decoding response body|error reading a body"
_MOST_RECORDS = 2000


async def solve(request: Json) -> Json:
    """Solves for each target; the targets share what is known of the channels."""
    solver = _Solver(request)
    return {"solutions": [await solver.solution(target) for target in request["targets"]]}


class _Solver:
    def __init__(self, request: Json) -> None:
        self._request = request
        self._channels = [rattler.Channel(url) for url in request["channels"]]
        self._gateway = self._gateway_with(Path(request["repodata"]))

    def _gateway_with(self, cache: Path) -> rattler.Gateway:
        action: Any = "force-cache-only" if self._request["offline"] else "cache-or-fetch"
        return rattler.Gateway(
            cache_dir=cache,
            default_config=rattler.SourceConfig(cache_action=action),
            client=new_client(),
            max_concurrent_requests=self._request["downloads"],
        )

    async def solution(self, target: Json) -> Json:
        try:
            return await self._solution(target)
        except GatewayError as error:
            if self._request["offline"] or re.search(_NETWORK_TROUBLE, str(error)):
                raise
            return await self._solution_without_cache(target)

    async def _solution_without_cache(self, target: Json) -> Json:
        """For when what is known of the channels is damaged, which rattler does not get over.

        Nor does it when a plain file server says that nothing has changed without saying of what (conda/rattler#2719).
        """
        cache = Path(self._request["repodata"])
        fresh = Path(tempfile.mkdtemp(prefix=".repodata-", dir=cache.parent))
        try:
            self._gateway = self._gateway_with(fresh)
            solution = await self._solution(target)
            shutil.rmtree(cache, ignore_errors=True)
            with contextlib.suppress(OSError):  # another process was faster
                fresh.rename(cache)
            return solution
        finally:
            shutil.rmtree(fresh, ignore_errors=True)

    async def _solution(self, target: Json) -> Json:
        tell(step="solving", platform=target["platform"])
        limit = self._request["limit"]
        try:
            records = await asyncio.wait_for(self._records(target, target["specs"]), limit)
        except asyncio.TimeoutError:
            raise Failed("Stalled", f"no answer within {limit} s", url=self._request["channels"][0]) from None
        except SolverError as error:
            return {"platform": target["platform"], "error": await self._explained(error, target)}
        return {"platform": target["platform"], "records": [_of_record(record) for record in records]}

    async def _records(self, target: Json, specs: Sequence[str]) -> list[rattler.RepoDataRecord]:
        return await rattler.solve(
            sources=self._channels,
            specs=[rattler.MatchSpec(spec) for spec in specs],
            gateway=self._gateway,
            platforms=self._platforms(target),
            virtual_packages=_virtual_packages(target["virtual_packages"]),
            channel_priority=rattler.ChannelPriority.Strict,
            channel_relations="disabled",
        )

    async def _explained(self, error: Exception, target: Json) -> Json:
        """The failure, with the entries that exclude each other and with what the channels have of them."""
        blamed, text = await self._blamed(list(target["specs"]), str(error), target)
        names = {name.normalized for name in (rattler.MatchSpec(spec).name for spec in blamed) if name is not None}
        names |= set(re.findall(r"(\w[\w.-]*) [^,\n]*, for which no candidates", text))
        known = await self._gateway.names(self._channels, self._platforms(target))
        return {
            "type": "SolverError",
            "text": text,
            "all_text": str(error),
            "blamed": blamed,
            "names": sorted(name.normalized for name in known),
            "versions": {name: await self._versions(name, target) for name in sorted(names)},
        }

    async def _blamed(self, specs: list[str], text: str, target: Json) -> tuple[list[str], str]:
        """A smallest set of entries that cannot be had together, and what the solver says of it."""
        end = time.monotonic() + _SECONDS_FOR_BLAME
        for spec in list(specs):
            fewer = [other for other in specs if other is not spec]
            if time.monotonic() > end or not fewer:
                break
            try:
                await self._records(target, fewer)
            except SolverError as error:
                specs, text = fewer, str(error)
        return specs, text

    async def _versions(self, name: str, target: Json) -> list[str]:
        """What the channels have of a package, the newest last."""
        found = await self._gateway.query(
            self._channels, self._platforms(target), [name], recursive=False, channel_relations="disabled"
        )
        versions = {str(record.version): record.version for records in found for record in records[:_MOST_RECORDS]}
        return [text for text, _ in sorted(versions.items(), key=lambda item: item[1])]

    @staticmethod
    def _platforms(target: Json) -> list[rattler.Subdir]:
        return [rattler.Subdir(target["platform"]), rattler.Subdir("noarch")]


def _virtual_packages(versions: Mapping[str, str]) -> list[rattler.GenericVirtualPackage]:
    made = []
    for name, version in versions.items():
        # The processor has a kind and no version.
        build = version if name == "__archspec" else "0"
        number = "1" if name == "__archspec" else version
        package = rattler.PackageName(name), rattler.Version(number), BuildString(build)
        made.append(rattler.GenericVirtualPackage(*package))
    return made


def _of_record(record: rattler.RepoDataRecord) -> Json:
    values: Json = json.loads(record.to_json())
    return {**values, "file_name": record.file_name}
