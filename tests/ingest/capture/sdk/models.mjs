// Every endpoint of Corti Models with the clients of OpenAI and Anthropic, plain and streamed.
// node models.mjs BASE [HOOK]: HOOK is the module of the fetch hook, if calls do not go through a gateway.
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";

const [base, hook] = process.argv.slice(2);
const key = Buffer.from("acme:client_credentials:id:secret").toString("base64");
const fetch = hook ? (await import(hook)).capturing({}, "test", "acme") : globalThis.fetch;
const defaultHeaders = { "Tenant-Name": "acme", "X-Corti-Analytics": JSON.stringify({ workflow: "ward 3" }) };
const options = { fetch, defaultHeaders, maxRetries: 0 };
const openai = new OpenAI({ baseURL: `${base}/v1`, apiKey: key, ...options });
const anthropic = new Anthropic({ baseURL: `${base}/anthropic`, authToken: key, apiKey: null, ...options });
const chat = { model: "corti-s1", messages: [{ role: "user", content: "x" }] };
const streamed = { stream: true, stream_options: { include_usage: true } };
const end = async (stream) => { for await (const event of stream) void event; };

await openai.chat.completions.create(chat);
await end(await openai.chat.completions.create({ ...chat, ...streamed }));
await openai.completions.create({ model: "corti-s1", prompt: "x" });
await end(await openai.completions.create({ model: "corti-s1", prompt: "x", ...streamed }));
await openai.responses.create({ model: "corti-s1", input: "x" });
await end(await openai.responses.create({ model: "corti-s1", input: "x", stream: true }));
await openai.embeddings.create({ model: "corti-embedding-1", input: "x", encoding_format: "float" });
await anthropic.messages.create({ ...chat, max_tokens: 100 });
await anthropic.messages.stream({ ...chat, max_tokens: 100 }).finalMessage();
