"""
Code that somebody calls again and again by contract: handlers of requests, records and frames; comparisons.

Such a contract is evidence of repetition, not of heat: nobody knows how many requests there are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alloclint.syntax import model as m

if TYPE_CHECKING:
    from alloclint.file import File

_REQUEST, _RECORD, _COMPARED, _ELEMENT, _FRAME = (
    "it handles a request",
    "it handles a record or message",
    "it runs at each comparison",
    "it runs once per element",
    "it runs once per frame",
)
#: A request is served in far more than the time that a few bytes take.
PER_REQUEST = _REQUEST

#: Annotations, attributes and the last segment of decorators.
_MARKS = {
    "java": {
        **dict.fromkeys(
            (
                "GetMapping",
                "PostMapping",
                "PutMapping",
                "DeleteMapping",
                "PatchMapping",
                "RequestMapping",
                "GET",
                "POST",
                "PUT",
                "DELETE",
                "PATCH",
                "MessageMapping",
                "ExceptionHandler",
                "QueryMapping",
            ),
            _REQUEST,
        ),
        **dict.fromkeys(
            ("KafkaListener", "RabbitListener", "JmsListener", "SqsListener", "StreamListener", "Incoming"),
            _RECORD,
        ),
    },
    "rust": dict.fromkeys(
        ("get", "post", "put", "delete", "patch", "route", "handler", "endpoint"), _REQUEST
    ),
    "python": {
        **dict.fromkeys(
            (
                "route",
                "get",
                "post",
                "put",
                "delete",
                "patch",
                "api_view",
                "websocket",
                "before_request",
                "after_request",
                "middleware",
                "endpoint",
            ),
            _REQUEST,
        ),
        **dict.fromkeys(("task", "shared_task", "actor", "agent"), _RECORD),
    },
}

#: Methods of a contract: name -> the types one of which is extended or implemented (none: any), and why
_METHODS: dict[str, dict[str, tuple[frozenset[str], str]]] = {
    "java": {
        "compareTo": (frozenset({"Comparable"}), _COMPARED),
        "compare": (frozenset({"Comparator", "RawComparator", "WritableComparator"}), _COMPARED),
        "equals": (frozenset(), _COMPARED),
        "hashCode": (frozenset(), _COMPARED),
        "next": (
            frozenset({"Iterator", "ListIterator", "AbstractIterator", "UnmodifiableIterator"}),
            _ELEMENT,
        ),
        "tryAdvance": (frozenset({"Spliterator"}), _ELEMENT),
        **dict.fromkeys(
            ("doGet", "doPost", "doPut", "doDelete"),
            (frozenset({"HttpServlet", "GenericServlet"}), _REQUEST),
        ),
        "service": (frozenset({"HttpServlet", "GenericServlet", "Servlet"}), _REQUEST),
        "doFilter": (frozenset({"Filter", "HttpFilter"}), _REQUEST),
        "doFilterInternal": (frozenset({"OncePerRequestFilter"}), _REQUEST),
        "preHandle": (frozenset({"HandlerInterceptor", "HandlerInterceptorAdapter"}), _REQUEST),
        "channelRead": (
            frozenset({"ChannelInboundHandlerAdapter", "ChannelDuplexHandler", "ChannelInboundHandler"}),
            _RECORD,
        ),
        "channelRead0": (frozenset({"SimpleChannelInboundHandler"}), _RECORD),
        "process": (
            frozenset({"Processor", "ContextualProcessor", "ProcessFunction", "FixedKeyProcessor"}),
            _RECORD,
        ),
        "processElement": (
            frozenset(
                {"ProcessFunction", "KeyedProcessFunction", "CoProcessFunction", "BroadcastProcessFunction"}
            ),
            _RECORD,
        ),
        "map": (frozenset({"MapFunction", "RichMapFunction", "Mapper"}), _RECORD),
        "flatMap": (frozenset({"FlatMapFunction", "RichFlatMapFunction"}), _RECORD),
        "reduce": (frozenset({"Reducer", "ReduceFunction"}), _RECORD),
        "incrementToken": (frozenset({"TokenStream", "TokenFilter", "Tokenizer"}), _ELEMENT),
        **dict.fromkeys(
            ("onDraw", "onMeasure", "onLayout"),
            (frozenset({"View", "ViewGroup", "TextView", "ImageView"}), _FRAME),
        ),
    },
    "rust": {
        "next": (frozenset({"Iterator"}), _ELEMENT),
        "poll": (frozenset({"Future"}), _ELEMENT),
        "poll_next": (frozenset({"Stream"}), _ELEMENT),
        "cmp": (frozenset({"Ord"}), _COMPARED),
        "partial_cmp": (frozenset({"PartialOrd"}), _COMPARED),
        "eq": (frozenset({"PartialEq"}), _COMPARED),
        "hash": (frozenset({"Hash"}), _COMPARED),
        "call": (frozenset({"Service"}), _REQUEST),
        "handle": (frozenset({"Handler"}), _RECORD),
    },
    "python": {
        **dict.fromkeys(
            ("__eq__", "__lt__", "__le__", "__gt__", "__ge__", "__hash__"), (frozenset(), _COMPARED)
        ),
        "__next__": (frozenset(), _ELEMENT),
        **dict.fromkeys(
            ("get", "post", "put", "delete", "patch", "dispatch"),
            (
                frozenset({"View", "APIView", "RequestHandler", "MethodView", "TemplateView", "Resource"}),
                _REQUEST,
            ),
        ),
        "process_item": (frozenset(), _RECORD),
        "emit": (frozenset({"Handler", "StreamHandler"}), _RECORD),
    },
}


def served(declaration: m.Function, file: File) -> str | None:
    """The contract by which a function is called again and again, in a few words; None for any other."""
    language = file.language.name
    marks = _MARKS[language]
    for attribute in declaration.attributes:
        if attribute.last in marks and (len(attribute.name) > 1 or language != "python"):
            return marks[attribute.last]
    wanted = _METHODS[language].get(declaration.name)
    if wanted is None or (declaration.owner is None and declaration.owner_type is None):
        return _of_request(declaration) if language == "python" else None
    types, reason = wanted
    return reason if not types or _bases(declaration, file) & types else None


def _bases(declaration: m.Function, file: File) -> set[str]:
    """What the type around implements and extends, as far as the project tells."""
    found = {declaration.trait.rsplit("::", 1)[-1].split("<")[0]} if declaration.trait else set()
    types, owner = file.facts.types, declaration.owner
    for _ in range(6):
        if owner is None:
            break
        found.update(base.last for base in owner.bases)
        owner = types.declaration(owner.bases[0]) if owner.bases else None
    return found


def _of_request(declaration: m.Function) -> str | None:
    """A Django view takes the request first, and so does a middleware's `__call__`."""
    first = next((one for one in declaration.params if one.pattern.name not in ("self", "cls")), None)
    is_request = first is not None and first.pattern.name == "request"
    is_typed = first is not None and first.type is not None and first.type.last in ("HttpRequest", "Request")
    own = declaration.name == "__call__" or declaration.owner is None
    return _REQUEST if (is_request and own) or is_typed else None
