"""The table of endpoints whose responses carry credits or tokens that cost something, and the layout of these
responses.

It comes from the types and clients of Corti's official SDKs and from its public documentation. A leading `/v2` or `/v1`
and a trailing slash are optional; version 1 of the agents has no `/v2`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

Keys = tuple[str, ...]
"""A path into a JSON object, key by key."""

_USAGE: tuple[Keys, ...] = (("usageInfo", "creditsConsumed"), ("creditsConsumed",))


@dataclass(frozen=True)
class Layout:
    """The places of values in a body. If there are several paths, the first one with a usable value wins; nothing is
    summed.

    `items` leads to the charged object, or a list of them; the empty path is the body itself. The other paths start
    there. `located` is the word before the id in a `Location` header, which is used if the body has no id. `turns`
    leads to the messages of a task; each message of the user is one request. `members` are the names of the body's own
    members through which these places are reached.

    `cached_input` counts tokens that the record's input tokens include. `more_input` are counts that the body's input
    tokens do not include, and the record's do. `template` and `labels` give dimensions.

    `is_metered` says that the answer tells tokens, and the price of tokens gives the credits. In a stream the events of
    such an answer tell one object in parts; `wrapped` is the member of an event that may contain it.
    """

    items: tuple[Keys, ...] = ((),)
    credits: tuple[Keys, ...] = _USAGE
    resource: tuple[Keys, ...] = (("id",),)
    interaction: tuple[Keys, ...] = ()
    created_at: tuple[Keys, ...] = ()
    state: tuple[Keys, ...] = ()
    model: tuple[Keys, ...] = ()
    input_tokens: tuple[Keys, ...] = ()
    output_tokens: tuple[Keys, ...] = ()
    cached_input: tuple[Keys, ...] = ()
    more_input: tuple[Keys, ...] = ()
    template: tuple[Keys, ...] = ()
    labels: tuple[Keys, ...] = ()
    located: str | None = None
    turns: str | None = None
    is_metered: bool = False
    wrapped: str | None = None
    members: frozenset[str] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        places = (self.credits, self.resource, self.interaction, self.created_at, self.state, self.model)
        tokens = (self.input_tokens, self.output_tokens, self.cached_input, self.more_input)
        ways = [way for place in (*places, *tokens, self.template, self.labels) for way in place]
        if self.turns:
            ways.append((self.turns,))
        names = {"jsonrpc", *(way[0] for way in (*self.items, *(ways if () in self.items else ())) if way)}
        object.__setattr__(self, "members", frozenset(names))


@dataclass(frozen=True)
class Endpoint:
    """One row. In `path`, `{interaction}` and `{resource}` are ids that a record takes, `{agent}` is one that gives a
    dimension, and `{}` is any other id.

    `read_ways` marks an address for both sends and reads (JSON-RPC). Only the form of the answer shows which it was;
    these are the places of the tasks in an answer to a read. `ends` marks a read that ends its task, so that its figure
    is final for the request that was under way.
    """

    methods: str
    path: str
    kind: str
    source: Literal["created", "read"]
    layout: Layout
    read_ways: tuple[Keys, ...] = ()
    ends: bool = False


LISTS: tuple[Keys, ...] = (("result", "tasks"), ("tasks",), ("items",))
"""The place of a list of tasks in an answer."""

_TRANSCRIPT = Layout(state=(("status",),), located="transcripts")
_TRANSCRIPTS = Layout(items=(("transcripts",),), state=(("status",),))
_DOCUMENT = Layout(created_at=(("createdAt",),), template=(("templateRef",),))
_DOCUMENTS = Layout(items=(("data",),), created_at=(("createdAt",),), template=(("templateRef",),))
_GUIDED = Layout(
    resource=(("document", "id"),),
    interaction=(("document", "interactionId"),),
    created_at=(("document", "createdAt"),),
    template=(("document", "templateId"),),
    labels=(("document", "labels"),),
)
_GUIDED_READ = Layout(
    resource=(("document", "id"), ("id",)),
    interaction=(("document", "interactionId"), ("interactionId",)),
    created_at=(("document", "createdAt"), ("createdAt",)),
    template=(("document", "templateId"), ("templateId",)),
    labels=(("document", "labels"), ("labels",)),
)
_STATELESS = Layout(resource=())
_EXTRACTED_FACTS = Layout(items=((), ("facts",)))
_FACTS = Layout(items=(("facts",),), created_at=(("createdAt",),))
_TASK = Layout(
    items=(
        ("result", "task"),
        ("task",),
        ("result", "statusUpdate"),
        ("statusUpdate",),
        ("result", "message"),
        ("message",),
        *LISTS,
        ("result",),
        (),
    ),
    credits=(("metadata", "$usage", "credits"), ("metadata", "usage", "credits"), ("metadata", "credits")),
    resource=(("taskId",), ("id",), ("messageId",)),
    created_at=(("status", "timestamp"),),
    state=(("status", "state"),),
    model=(("metadata", "$usage", "model"), ("metadata", "usage", "model"), ("metadata", "_usage", "model")),
    input_tokens=(
        ("metadata", "$usage", "inputTokens"),
        ("metadata", "usage", "inputTokens"),
        ("metadata", "_usage", "input_tokens"),
    ),
    output_tokens=(
        ("metadata", "$usage", "outputTokens"),
        ("metadata", "usage", "outputTokens"),
        ("metadata", "_usage", "output_tokens"),
    ),
    cached_input=(("metadata", "$usage", "cachedInputTokens"), ("metadata", "usage", "cachedInputTokens")),
    turns="history",
)
_COMPLETION = Layout(
    credits=(*_USAGE, ("usage", "credits")),
    model=(("model",),),
    input_tokens=(("usage", "prompt_tokens"),),
    output_tokens=(("usage", "completion_tokens"),),
    cached_input=(("usage", "prompt_tokens_details", "cached_tokens"),),
    is_metered=True,
)
_EMBEDDING = replace(_COMPLETION, output_tokens=())
_MODEL_RESPONSE = replace(
    _COMPLETION,
    state=(("status",),),
    input_tokens=(("usage", "input_tokens"),),
    output_tokens=(("usage", "output_tokens"),),
    cached_input=(("usage", "input_tokens_details", "cached_tokens"),),
    wrapped="response",
)
_MESSAGE = replace(
    _COMPLETION,
    input_tokens=(("usage", "input_tokens"),),
    output_tokens=(("usage", "output_tokens"),),
    cached_input=(("usage", "cache_read_input_tokens"),),
    more_input=(("usage", "cache_read_input_tokens"), ("usage", "cache_creation_input_tokens")),
    wrapped="message",
)

AGENT_TASK = "agent_task"
_V1 = "/agents/{agent}/v1"
_V2 = "/agentic/agents/{agent}/a2a"

ENDPOINTS = (
    # speech to text; the create may answer while the transcript is processing, and a later read has the final figure
    Endpoint("POST", "/interactions/{interaction}/transcripts", "transcript", "created", _TRANSCRIPT),
    Endpoint("GET", "/interactions/{interaction}/transcripts", "transcript", "read", _TRANSCRIPTS),
    Endpoint("GET", "/interactions/{interaction}/transcripts/{resource}", "transcript", "read", _TRANSCRIPT),
    Endpoint("GET", "/interactions/{interaction}/transcripts/{resource}/status", "transcript", "read", _TRANSCRIPT),
    # documents of an interaction
    Endpoint("POST", "/interactions/{interaction}/documents", "document", "created", _DOCUMENT),
    Endpoint("GET", "/interactions/{interaction}/documents", "document", "read", _DOCUMENTS),
    Endpoint("GET", "/interactions/{interaction}/documents/{resource}", "document", "read", _DOCUMENT),
    # guided documents; there is an id only if the document is stored. In the API their reads have no usage.
    Endpoint("POST", "/documents", "guided_document", "created", _GUIDED),
    Endpoint("GET", "/documents", "guided_document", "read", _GUIDED_READ),
    Endpoint("GET", "/documents/{resource}", "guided_document", "read", _GUIDED_READ),
    # stateless: no id, and nothing to read later
    Endpoint("POST", "/tools/extract-facts", "facts", "created", _EXTRACTED_FACTS),
    Endpoint("POST", "/tools/coding", "codes", "created", _STATELESS),
    # facts of an interaction; only an older version of the API tells credits, on each fact
    Endpoint("GET POST", "/interactions/{interaction}/facts", "facts", "read", _FACTS),
    # Corti Models: tokens instead of credits
    Endpoint("POST", "/chat/completions", "chat_completion", "created", _COMPLETION),
    Endpoint("POST", "/responses", "model_response", "created", _MODEL_RESPONSE),
    Endpoint("GET", "/responses/{resource}", "model_response", "read", _MODEL_RESPONSE),
    Endpoint("POST", "/completions", "completion", "created", _COMPLETION),
    Endpoint("POST", "/embeddings", "embedding", "created", _EMBEDDING),
    Endpoint("POST", "/anthropic/v1/messages", "message", "created", _MESSAGE),
    # agents, version 1
    Endpoint("POST", f"{_V1}/message:send", AGENT_TASK, "created", _TASK),
    Endpoint("POST", f"{_V1}/message:stream", AGENT_TASK, "created", _TASK),
    Endpoint("POST", _V1, AGENT_TASK, "created", _TASK, (*LISTS, ())),
    Endpoint("GET", f"{_V1}/tasks/{{resource}}", AGENT_TASK, "read", _TASK),
    Endpoint("GET POST", f"{_V1}/tasks/{{resource}}:subscribe", AGENT_TASK, "read", _TASK),
    Endpoint("POST", f"{_V1}/tasks/{{resource}}:cancel", AGENT_TASK, "read", _TASK, ends=True),
    Endpoint("GET", f"{_V1}/contexts/{{}}", AGENT_TASK, "read", _TASK),
    # agents, version 2 (beta)
    Endpoint("POST", f"{_V2}/message:send", AGENT_TASK, "created", _TASK),
    Endpoint("POST", f"{_V2}/message:stream", AGENT_TASK, "created", _TASK),
    Endpoint("POST", _V2, AGENT_TASK, "created", _TASK, (*LISTS, ("result",), ())),
    Endpoint("GET", f"{_V2}/tasks", AGENT_TASK, "read", _TASK),
    Endpoint("GET", f"{_V2}/tasks/{{resource}}", AGENT_TASK, "read", _TASK),
    Endpoint("GET POST", f"{_V2}/tasks/{{resource}}:subscribe", AGENT_TASK, "read", _TASK),
    Endpoint("POST", f"{_V2}/tasks/{{resource}}:cancel", AGENT_TASK, "read", _TASK, ends=True),
    Endpoint("GET", "/agentic/contexts/{}", AGENT_TASK, "read", _TASK),
    Endpoint("GET", "/agentic/contexts/{}/tasks", AGENT_TASK, "read", _TASK),
    Endpoint("GET", "/agentic/contexts/{}/tasks/{resource}", AGENT_TASK, "read", _TASK),
)

UNKNOWN_LAYOUT = Layout(
    items=((), ("data",)), credits=(("usageInfo", "creditsConsumed"),), created_at=(("createdAt",),)
)
"""The layout for an endpoint without a row, if its response has `usageInfo.creditsConsumed`."""

STREAM = "/interactions/{interaction}/streams"
TRANSCRIBE = "/transcribe"
"""The sockets, below `/audio-bridge/v2`. Their messages: `usage` (the total of a session), `delta_usage` (its running
total), `CONFIG_ACCEPTED` (with a `sessionId` at `transcribe`); the end is `ENDED` or `ended`.
"""
