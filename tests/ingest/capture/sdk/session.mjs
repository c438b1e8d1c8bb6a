// One session of an application on the real SDK. Prints what the SDK saw, one JSON object a line.
// node session.mjs BASE SIMULATOR: BASE is the gateway or the simulator itself, SIMULATOR arms the faults.
import { CortiClient } from "@corti/sdk";

const [base, simulator] = process.argv.slice(2);
const ws = base.replace("http", "ws");
const OF_ONE_CONNECTION = ["date", "connection", "keep-alive", "transfer-encoding"];
const see = (what, value) => console.log(JSON.stringify({ what, value }));
const arm = (fault) => fetch(`${simulator}/_faults`, { method: "POST", body: JSON.stringify(fault) });
const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function seeingFetch(url, options) {
    const sent = new Headers(options.headers);
    for (const [name, value] of Object.entries(owner)) sent.set(name, value);
    const response = await fetch(url, { ...options, headers: sent });
    const headers = [...response.headers].filter(([name]) => !OF_ONE_CONNECTION.includes(name));
    see("answer", { status: response.status, headers, body: await response.clone().text() });
    return response;
}

const owner = { "X-Credits-User": "user-1", "X-Credits-Tenant": "tenant-1" };
const client = new CortiClient({
    tenantName: "acme",
    environment: { base: `${base}/v2`, wss: `${ws}/audio-bridge/v2`, login: `${base}/realms`, agents: base },
    auth: { clientId: "id", clientSecret: "secret" },
    fetch: seeingFetch,
});

const streamConfiguration = {
    transcription: { primaryLanguage: "en", participants: [{ channel: 0, role: "multiple" }] },
    mode: { type: "facts", outputLocale: "en" },
};
const encounter = { identifier: "e-1", status: "planned", type: "first_consultation" };
const { interactionId } = await client.interactions.create({ encounter });
const { recordingId } = await client.recordings.upload(Buffer.alloc(100_000, 7), interactionId);
const wanted = { recordingId, primaryLanguage: "en" };

// transcripts: at once, past the limit of waiting, and asynchronous (which this version strips from the body)
see("transcript", await client.transcripts.create(interactionId, wanted));
await arm({ action: "cut_over", path: "/transcripts/" });
const late = await client.transcripts.create(interactionId, wanted);
await sleep(500);
see("late transcript", await client.transcripts.get(interactionId, late.id));
const authorization = await bearer();
const accepted = await fetch(`${base}/v2/interactions/${interactionId}/transcripts/`, {
    method: "POST",
    headers: { authorization, "tenant-name": "acme", "content-type": "application/json", ...owner },
    body: JSON.stringify({ ...wanted, async: true }),
});
see("accepted", { status: accepted.status, location: accepted.headers.get("location"), body: await accepted.json() });
await sleep(500);
const transcriptId = accepted.headers.get("location").split("/").at(-1);
see("status", await client.transcripts.getStatus(interactionId, transcriptId));
see("read", await client.transcripts.get(interactionId, transcriptId));

// documents, tools, agents
const document = { context: [{ type: "string", data: "a text" }], templateKey: "corti-soap", outputLanguage: "en" };
const kept = await client.documents.create(interactionId, document);
const unkept = await client.documents
    .create(interactionId, document, { headers: { "X-Corti-Retention-Policy": "none" } })
    .withRawResponse();
see("retention", unkept.rawResponse.headers.get("x-corti-retention-policy"));
see("documents", [kept, unkept.data, await client.documents.list(interactionId)]);
const context = [{ type: "text", text: "a text" }];
see("facts", await client.facts.extract({ context, outputLanguage: "en" }));
see("codes", await client.codes.predict({ system: ["icd10cm-outpatient"], context }));
const message = { role: "user", kind: "message", messageId: "m-1", parts: [{ kind: "text", text: "x" }] };
see("agent", await client.agents.messageSend("agent-1", { message }));
await arm({ action: "status", path: "/coding/", status: 503 });
see("retried", await client.codes.predict({ system: ["icd10cm-outpatient"], context }));

// sockets: one that ends as it should, one that drops and comes back, one of transcribe
await converse("stream", () => client.stream.connect({ id: interactionId, configuration: streamConfiguration }), 3);
await arm({ action: "drop", path: "/streams", method: "WS", after: 2 });
await converse("dropped", () => client.stream.connect({ id: interactionId, configuration: streamConfiguration }), 2, 1);
await converse("transcribe", () => client.transcribe.connect({ configuration: { primaryLanguage: "en" } }), 2);

async function converse(what, open, first, afterDrop = 0) {
    const socket = await open();
    const seen = [];
    const send = (count) => { for (let i = 0; i < count; i++) socket.sendAudio(new Uint8Array(640).fill(i)); };
    const over = new Promise((resolve) => {
        socket.socket.addEventListener("message", (event) => {
            seen.push(event.data);
            const { type } = JSON.parse(event.data);
            if (type === "CONFIG_ACCEPTED") { send(afterDrop); socket.sendEnd({ type: "end" }); }
        });
        socket.on("message", (parsed) => seen.push({ parsed }));
        socket.socket.addEventListener("close", (event) => {
            seen.push({ closed: event.code, reason: event.reason });
            if (event.code === 1000) resolve();
        });
    });
    send(first);
    if (!afterDrop) socket.sendEnd({ type: "end" });
    await over;
    socket.close();
    see(what, seen);
}

async function bearer() {
    const form = new URLSearchParams({ client_id: "id", client_secret: "secret", grant_type: "client_credentials" });
    const answer = await fetch(`${base}/realms/acme/protocol/openid-connect/token`, { method: "POST", body: form });
    return `Bearer ${(await answer.json()).access_token}`;
}
