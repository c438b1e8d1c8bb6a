import { appendFileSync, existsSync, mkdirSync, renameSync } from "node:fs";
import { randomUUID } from "node:crypto";

// Writes what calls to Corti cost below $CREDITS_HOME/landing/usage_records; see javascript.md.

// Method, path and kind of the calls that cost something; "read" marks calls that only repeat a cost.
const [V1, V2, CONTEXT] = ["/agents/{agent}/v1", "/agentic/agents/{agent}/a2a", "/agentic/contexts/{context}"];
const ENDPOINTS = [
    ["POST", "/interactions/{interaction}/transcripts", "transcript"],
    ["GET", "/interactions/{interaction}/transcripts/{resource}", "transcript", "read"],
    ["POST", "/interactions/{interaction}/documents", "document"],
    ["GET", "/interactions/{interaction}/documents", "document", "read"],
    ["GET", "/interactions/{interaction}/documents/{resource}", "document", "read"],
    ["POST", "/documents", "guided_document"],
    ["POST", "/tools/extract-facts", "facts"],
    ["GET", "/interactions/{interaction}/facts", "facts", "read"],
    ["POST", "/tools/coding", "codes"],
    ...["/message:send", "/message:stream", ""].flatMap((end) => [V1, V2].map((agent) => ["POST", agent + end, "agent_task"])),
    ...["GET", "POST"].flatMap((method) => [V1, V2].map((agent) => [method, agent + "/tasks/{resource}:subscribe", "agent_task", "read"])),
    ...[V1, V2].map((agent) => ["POST", agent + "/tasks/{resource}:cancel", "agent_task", "read"]),
    ...[V1 + "/tasks/{resource}", V1 + "/contexts/{context}", V2 + "/tasks", V2 + "/tasks/{resource}"].map((path) => ["GET", path, "agent_task", "read"]),
    ...[CONTEXT, CONTEXT + "/tasks", CONTEXT + "/tasks/{resource}"].map((path) => ["GET", path, "agent_task", "read"]),
    ["POST", "/chat/completions", "chat_completion"],
    ["POST", "/completions", "completion"],
    ["POST", "/responses", "model_response"],
    ["GET", "/responses/{resource}", "model_response", "read"],
    ["POST", "/embeddings", "embedding"],
    ["POST", "/anthropic/v1/messages", "message"],
].map(([method, path, kind, source = "created"]) => {
    const pattern = new RegExp(`^(?:/v\\d+)?${path.replace(/{(\w+)}/g, "(?<$1>[^/:]+)")}/?$`);
    return { method, kind, source, pattern, ends: path.endsWith(":cancel"), isRpc: path === V1 || path === V2 };
});
const MODELS = ["chat_completion", "completion", "model_response", "embedding", "message"];
const LISTS = ["result.tasks", "tasks", "items", "data", "facts"];
const TASKS = ["result.task", "task", "result.statusUpdate", "statusUpdate", "result.message", "message", ...LISTS, "result", ""];
const ITEMS = { agent_task: TASKS, document: ["data", ""], facts: ["", "facts"] }; // where charged objects are
const KEYS = (process.env.CREDITS_DIMENSIONS || "integration,workflow,document_type,template,agent,label").split(",").map((key) => key.trim());

// A value is kept only if it has the right form: a response contains clinical text.
const matches = (form) => (value) => typeof value === "string" && form.test(value);
const isId = matches(/^(?=.*\d)[A-Za-z0-9][A-Za-z0-9._:~@-]{0,127}$/);
const isName = matches(/^(?=.*[\d-])[A-Za-z][A-Za-z0-9._:/@-]{0,255}$/);
const isTime = matches(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/);
const isDimension = matches(/^[\p{L}\p{N}_ .:/@-]{1,64}$/u);
const isCount = (value) => Number.isSafeInteger(value) && value >= 0;
const isFigure = (value) => typeof value === "number" || matches(/^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i)(value);
const get = (value, path) => path.split(".").filter(Boolean).reduce((found, key) => found?.[key], value);
const first = (form, value, ...paths) => paths.map((path) => get(value, path)).find((found) => found != null && form(found));
const parsed = (text) => { try { return JSON.parse(text); } catch { return undefined; } };
const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

function chargeOf(kind, item, way) {
    const ofAgent = ["metadata.$usage.", "metadata.usage."];
    const count = (...paths) => first(isCount, item, ...paths, ...ofAgent.flatMap((place) => paths.map((path) => place + path)));
    const read = first(isCount, item, "usage.cache_read_input_tokens"), made = first(isCount, item, "usage.cache_creation_input_tokens");
    const input = count("inputTokens", "usage.prompt_tokens", "usage.input_tokens", "metadata._usage.input_tokens");
    const state = first(matches(/./), item, "status.state", "status")?.toLowerCase().replace("task_state_", "");
    const labels = (item.document ?? item).labels;
    const charge = {
        creditsConsumed: first(isFigure, item, "usageInfo.creditsConsumed", "creditsConsumed", ...ofAgent.map((place) => place + "credits"), "metadata.credits", "usage.credits"),
        resourceId: first(isId, item, "document.id", "taskId", "id", "messageId"),
        interactionId: first(isId, item, "document.interactionId"),
        createdAt: first(isTime, item, "document.createdAt", "createdAt", "status.timestamp"),
        model: first(isName, item, "model", ...ofAgent.map((place) => place + "model"), "metadata._usage.model"),
        inputTokens: input === undefined ? undefined : input + (read ?? 0) + (made ?? 0),
        outputTokens: count("outputTokens", "usage.completion_tokens", "usage.output_tokens", "metadata._usage.output_tokens"),
        cachedInputTokens: count("cachedInputTokens", "usage.prompt_tokens_details.cached_tokens", "usage.input_tokens_details.cached_tokens") ?? read,
        dimensions: {},
    };
    for (const label of Array.isArray(labels) ? labels : []) charge.dimensions[label?.key] ??= label?.value;
    charge.dimensions.template ??= first((value) => isId(value) || isName(value), item, "document.templateId", "templateRef");
    const turns = Array.isArray(item.history) ? item.history.filter((said) => ["user", "ROLE_USER"].includes(said?.role)).length : 0;
    const isMetered = MODELS.includes(kind) && charge.model && isCount(charge.inputTokens) && (kind === "embedding" || isCount(charge.outputTokens));
    const inProgress = ["processing", "submitted", "working", "unknown", "unspecified"].includes(state);
    return { charge, way, turns, isMetered, inProgress, isCancelled: ["canceled", "cancelled"].includes(state) };
}

function chargesIn(kind, body) {
    for (const way of ITEMS[kind] ?? [""]) {
        const found = way ? get(body, way) : body;
        if (Array.isArray(found)) return found.filter(isObject).map((item) => chargeOf(kind, item, way)).filter((one) => way !== "facts" || one.charge.creditsConsumed != null);
        if (!isObject(found) || (!way && body.jsonrpc)) continue;
        const one = chargeOf(kind, found, way);
        if (way || !ITEMS[kind] || kind === "document" || one.charge.creditsConsumed != null || found.status) return [one];
    }
    return [];
}

// The events of a stream: a model tells its counts in parts, and they only grow; of an agent's figures the last counts.
function tally(kind) {
    let last, rest = "", data = [];
    const told = {}, decoder = new TextDecoder();
    const grown = (before, now) => {
        if (!isObject(now)) return isCount(before) && isCount(now) ? Math.max(before, now) : now ?? before;
        return Object.entries(now).reduce((all, [name, value]) => ({ ...all, [name]: grown(all[name], value) }), { ...before });
    };
    const take = (event) => {
        if (!MODELS.includes(kind)) {
            for (const one of chargesIn(kind, event)) {
                const known = one.charge.creditsConsumed != null || last?.charge.creditsConsumed == null ? one : last;
                const resourceId = one.charge.resourceId ?? last?.charge.resourceId;
                const charge = { ...known.charge, resourceId, createdAt: one.charge.createdAt ?? last?.charge.createdAt };
                last = { ...known, charge, inProgress: one.inProgress, turns: Math.max(one.turns, last?.turns ?? 0) };
            }
        } else if (isObject(event)) {
            const part = [event.response, event.message].find(isObject) ?? event;
            for (const name of ["id", "model", "usage", "usageInfo"]) {
                const value = event.type === "message_start" && isObject(part[name]) ? { ...part[name], output_tokens: undefined } : part[name];
                told[name] = grown(told[name], value);
            }
        }
    };
    return {
        feed(chunk) { this.read(chunk ? decoder.decode(chunk, { stream: true }) : "\n\n"); }, // without a chunk: the end
        read(text) {
            rest += text;
            const lines = rest.split(/\r\n|\n|\r(?!$)/);
            rest = lines.pop();
            for (const line of lines) {
                if (line.startsWith("data:")) data.push(line.slice(5));
                else if (!line && data.length) { take(parsed(data.join("\n"))); data = []; }
            }
        },
        charges: () => [MODELS.includes(kind) ? chargeOf(kind, told, "") : last].filter(Boolean),
    };
}

const folder = `${process.env.CREDITS_HOME}/landing/usage_records`;
const growing = `${folder}/.hook-${process.pid}.jsonl`; // landing ignores names that begin with a dot
const land = () => {
    try { if (existsSync(growing)) renameSync(growing, `${folder}/hook-${randomUUID()}.jsonl`); } catch { /* next time */ }
};
const write = (record) => {
    try { appendFileSync(growing, JSON.stringify(record) + "\n"); } catch (error) { console.error(`not captured: ${error.code}`); }
};
try { mkdirSync(folder, { recursive: true }); } catch { /* the first record reports it */ }
setInterval(land, 60_000).unref();
process.on("exit", land);

const kept = (...given) => { // of two dimensions with one key the later one counts
    const found = Object.entries(Object.assign({}, ...given.map((some) => Object.fromEntries(Object.entries(some ?? {}).filter(([, value]) => isDimension(value))))));
    const listed = found.filter(([key]) => KEYS.includes(key));
    return listed.length ? Object.fromEntries(listed.sort()) : undefined;
};

function writeRecords(call, charges, headers) {
    const { endpoint, ids, own } = call;
    const isRead = endpoint.source === "read" || (endpoint.isRpc && (!charges.length || [...LISTS, "result", ""].includes(charges[0].way)));
    const ends = endpoint.ends || (endpoint.isRpc && isRead && charges.length === 1 && charges[0].isCancelled && !LISTS.includes(charges[0].way));
    if (isRead) charges = charges.filter(({ charge, isMetered }) => charge.creditsConsumed != null || isMetered);
    else if (!charges.length) charges = [chargeOf(endpoint.kind, {}, "")];
    charges.forEach(({ charge, turns, isMetered, inProgress }, number) => {
        const record = { ...call.record, ...charge, source: isRead ? "read" : "created" };
        record.interactionId = charge.interactionId ?? (isId(ids.interaction) ? ids.interaction : undefined);
        record.resourceId ??= isId(ids.resource) ? ids.resource : undefined;
        const located = headers?.get("location")?.match(/\/transcripts\/([^/?#]+)/)?.[1];
        if (endpoint.kind === "transcript" && isId(located)) record.resourceId ??= located;
        const requestId = headers?.get("x-request-id");
        if (MODELS.includes(endpoint.kind) && !isRead && isId(requestId) && requestId !== own.requestId) record.resourceId ??= requestId;
        record.recordId = number ? `${call.id}-${number}` : call.id;
        if (!record.resourceId && isRead) return;
        if (!record.resourceId) record.operationId = record.recordId;
        else if ((!isRead || ends) && turns > 1) record.resourceId += `#${turns}`;
        record.status = "final";
        if (charge.creditsConsumed == null) record.status = isMetered ? "metered" : "unreported";
        else if (inProgress || (endpoint.kind === "agent_task" && isRead && !ends && turns !== 1)) record.status = "provisional";
        record.dimensions = kept({ agent: ids.agent }, charge.dimensions, own.analytics, own.dimensions);
        write(record);
    });
}

// `owner` may have userId, tenantId and dimensions.
export const capturing = ({ dimensions, ...owner } = {}, environment, cortiTenant) => async (url, options = {}) => {
    const method = options.method ?? url.method ?? "GET", { pathname } = new URL(url.url ?? url);
    const endpoint = ENDPOINTS.find((one) => one.method === method && one.pattern.test(pathname));
    if (!endpoint) return fetch(url, options);
    const sent = new Headers(options.headers ?? url.headers);
    const own = { dimensions, analytics: parsed(sent.get("x-corti-analytics")), requestId: sent.get("x-request-id") };
    const record = { ...owner, environment, cortiTenant, kind: endpoint.kind, capturedAt: new Date().toISOString() };
    const call = { endpoint, own, record, id: randomUUID(), ids: pathname.match(endpoint.pattern).groups ?? {} };
    const unreported = () => endpoint.source === "created" && writeRecords({ ...call, endpoint: { ...endpoint, isRpc: false } }, []);
    const response = await fetch(url, options).catch((error) => { unreported(); throw error; });
    if (!response.ok) {
        if (response.status === 408 || response.status >= 500) unreported();
        return response;
    }
    const events = tally(endpoint.kind);
    if (!response.body || !response.headers.get("content-type")?.startsWith("text/event-stream")) {
        const text = await response.clone().text().catch(() => "");
        const body = parsed(text);
        if (body === undefined && text.startsWith("data:")) events.read(text);
        if (body === undefined) writeRecords({ ...call, endpoint: { ...endpoint, isRpc: false } }, events.charges(), response.headers);
        else writeRecords(call, chargesIn(endpoint.kind, body), response.headers);
        return response;
    }
    let isOver = false;
    const over = () => {
        if (isOver) return;
        isOver = true;
        events.feed();
        writeRecords({ ...call, endpoint: { ...endpoint, isRpc: false } }, events.charges(), response.headers);
    };
    const reader = response.body.getReader();
    const passing = new ReadableStream({
        async pull(controller) {
            const { done, value } = await reader.read().catch((error) => { over(); throw error; });
            if (value) { events.feed(value); controller.enqueue(value); }
            if (done) { over(); controller.close(); }
        },
        cancel(reason) { over(); return reader.cancel(reason); },
    });
    return new Response(passing, response);
};
