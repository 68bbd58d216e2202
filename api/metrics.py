"""Counts for Prometheus, in its text format (https://prometheus.io/docs/instrumenting/exposition_formats/).

Requests by route and status, seconds by route, answers by tier. Labels are routes and tiers, never ids or people.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""All others are counted as "other": a label that a stranger chooses would fill the memory."""
BOUNDS_S = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class _Histogram:
    """How many durations fell under each bound, and their sum."""

    def __init__(self) -> None:
        self.buckets = [0] * (len(BOUNDS_S) + 1)
        self.sum_s = 0.0

    def add(self, seconds: float) -> None:
        self.buckets[bisect_left(BOUNDS_S, seconds)] += 1
        self.sum_s += seconds

    def lines(self, name: str, labels: str) -> Iterator[str]:
        total = 0
        for bound, count in zip((*map(str, BOUNDS_S), "+Inf"), self.buckets, strict=True):
            total += count
            yield f'{name}_bucket{{{labels},le="{bound}"}} {total}'
        yield f"{name}_sum{{{labels}}} {self.sum_s:.6f}"
        yield f"{name}_count{{{labels}}} {total}"


class Metrics:
    """Of one process, since its start."""

    def __init__(self) -> None:
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._durations: defaultdict[str, _Histogram] = defaultdict(_Histogram)
        self._answers: Counter[str] = Counter()
        self._answering = _Histogram()

    def count_request(self, method: str, route: str, status: int, seconds: float) -> None:
        """`seconds` until the response began; a stream may go on after that."""
        self._requests[method if method in METHODS else "other", route, status] += 1
        self._durations[route].add(seconds)

    def count_answer(self, tier: str, seconds: float) -> None:
        self._answers[tier] += 1
        self._answering.add(seconds)

    def text(self) -> str:
        """Everything, for a scrape."""
        lines = ["# TYPE llmchatbot_requests_total counter"]
        lines += [
            f'llmchatbot_requests_total{{method="{method}",route="{route}",status="{status}"}} {count}'
            for (method, route, status), count in sorted(self._requests.items())
        ]
        lines.append("# TYPE llmchatbot_request_seconds histogram")
        for route, durations in sorted(self._durations.items()):
            lines += durations.lines("llmchatbot_request_seconds", f'route="{route}"')
        lines.append("# TYPE llmchatbot_answers_total counter")
        lines += [f'llmchatbot_answers_total{{tier="{tier}"}} {n}' for tier, n in sorted(self._answers.items())]
        lines.append("# TYPE llmchatbot_answer_seconds histogram")
        lines += self._answering.lines("llmchatbot_answer_seconds", 'channel="http"')
        return "\n".join(lines) + "\n"
