// Slack for the tests: npm `emulate`, unchanged, and around it what it lacks of Slack: signed events over HTTP with
// retries, Socket Mode, limits on how fast and in which form messages come, faults on order, and a memory of all calls.
// Arguments: port, settings as JSON (tests/slack_server.py writes them). Says "UP" when it answers.
import fs from 'node:fs';
import path from 'node:path';
import { createHmac, randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const port = Number(process.argv[2]);
const { app, botUser, bot, secret, appToken, scopes, people } = JSON.parse(process.argv[3]);
const require = createRequire(path.join(process.cwd(), 'package.json'));
const { WebSocketServer } = require('ws');
const dist = path.resolve('node_modules/emulate/dist');
const holds = text => name => name.endsWith('.js') && fs.readFileSync(path.join(dist, name), 'utf8').includes(text);
const inside = await import(pathToFileURL(path.join(dist, fs.readdirSync(dist).find(holds('var slackPlugin =')))).href);
const { createEmulator } = await import(pathToFileURL(path.join(dist, 'api.js')).href);
const { slackPlugin, getSlackStore } = inside;

// --- What tests order and see.
let mode = 'off', hook = '', teamOf = id => id;
let faults = [], calls = [], statuses = [], kept = [], responses = [];
let holding = false, slow = 0, everyMs = 950;
const lastPost = new Map();

// --- Socket Mode. `frozen`: the connection looks alive, and nothing comes or goes.
const waiting = new Map();
let sockets = [], frozen = false, opened = 0;
const wss = new WebSocketServer({ port: 0, host: '127.0.0.1', autoPong: false });
wss.on('connection', ws => {
  ws.live = true; opened += 1; sockets.push(ws);
  ws.on('ping', data => { if (ws.live) ws.pong(data); });
  ws.on('close', () => { sockets = sockets.filter(one => one !== ws); });
  ws.on('error', () => {});
  ws.on('message', raw => {
    const envelope = JSON.parse(raw);
    if (ws.live) waiting.get(envelope.envelope_id)?.(true);
  });
  if (!frozen) ws.send(JSON.stringify({ type: 'hello', num_connections: sockets.length, connection_info: { app_id: app } }));
  else ws.live = false;
});
const socketUrl = () => `ws://127.0.0.1:${wss.address().port}/link/?ticket=${randomUUID()}`;

async function overSocket(type, payload, retry) {
  const ws = sockets.filter(one => one.live).at(-1);
  if (!ws) return 0;
  const envelope_id = randomUUID();
  const acknowledged = new Promise(resolve => { waiting.set(envelope_id, resolve); setTimeout(() => resolve(false), 3000); });
  ws.send(JSON.stringify({ envelope_id, type, payload, accepts_response_payload: type !== 'events_api', retry_attempt: retry, retry_reason: retry ? 'timeout' : '' }));
  const done = await acknowledged;
  waiting.delete(envelope_id);
  return done ? 200 : 0;
}

const PATHS = { events_api: '/slack/events', interactive: '/slack/interactions', slash_commands: '/slack/commands' };

async function overHttp(type, payload, retry) {
  const body = type === 'events_api' ? JSON.stringify(payload)
    : type === 'slash_commands' ? new URLSearchParams(payload).toString()
      : new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  const stamp = String(Math.floor(Date.now() / 1000));
  const signature = 'v0=' + createHmac('sha256', secret).update(`v0:${stamp}:${body}`).digest('hex');
  const headers = {
    'content-type': type === 'events_api' ? 'application/json' : 'application/x-www-form-urlencoded',
    'x-slack-request-timestamp': stamp, 'x-slack-signature': signature,
    ...(retry ? { 'x-slack-retry-num': String(retry), 'x-slack-retry-reason': 'http_timeout' } : {}),
  };
  try {
    return (await fetch(hook + PATHS[type], { method: 'POST', body, headers, signal: AbortSignal.timeout(3000) })).status;
  } catch { return 0; }
}

// Slack repeats what is not acknowledged in three seconds, three times.
async function send(type, payload) {
  let status = 0;
  for (let retry = 0; retry < 4 && status !== 200; retry += 1) {
    if (retry) await new Promise(resolve => setTimeout(resolve, 300));
    if (mode === 'off') return 0;
    status = await (mode === 'socket' ? overSocket : overHttp)(type, payload, retry);
    statuses.push({ type, status, retry });
  }
  return status;
}

const pass = (type, payload) => { if (holding) kept.push([type, payload]); else void send(type, payload); };

// --- What Slack refuses and the emulator takes: https://docs.slack.dev/reference/block-kit
const plain = (text, most) => text?.type === 'plain_text' && text.text?.length > 0 && text.text.length <= most;
const either = (text, most) => ['mrkdwn', 'plain_text'].includes(text?.type) && text.text?.length > 0 && text.text.length <= most;
const RULES = {
  section: one => either(one.text, 3000),
  context: one => one.elements?.length > 0 && one.elements.length <= 10 && one.elements.every(part => either(part, 3000)),
  header: one => plain(one.text, 150),
  divider: () => true,
  actions: one => one.elements?.length > 0 && one.elements.length <= 25
    && new Set(one.elements.map(part => part.action_id)).size === one.elements.length
    && one.elements.every(part => part.type === 'button' && plain(part.text, 75) && (part.value ?? '').length <= 2000 && part.action_id?.length <= 255),
  rich_text: one => one.elements?.length > 0 && one.elements.every(part =>
    ['rich_text_section', 'rich_text_list', 'rich_text_preformatted', 'rich_text_quote'].includes(part.type)
    && part.elements?.length > 0 && part.elements.every(word => word.type === 'link' ? word.url?.length > 0 : word.type === 'text' && word.text?.length > 0)),
};
function wrongForm(method, body) {
  const blocks = typeof body.blocks === 'string' ? JSON.parse(body.blocks) : body.blocks ?? [];
  if (!Array.isArray(blocks) || blocks.length > 50) return 'invalid_blocks';
  if (blocks.some(one => !RULES[one.type]?.(one))) return 'invalid_blocks';
  if (JSON.stringify(blocks).length > 60000) return 'msg_blocks_too_long';
  if ((body.text ?? '').length > 40000) return 'msg_too_long';
  if (method === 'chat.postMessage' && body.metadata && !(body.metadata.event_type && body.metadata.event_payload)) return 'invalid_metadata_format';
  return '';
}
const SAID = ['chat.postMessage', 'chat.update', 'chat.postEphemeral'];

async function read(request) {
  const text = await request.clone().text().catch(() => '');
  if (!text) return Object.fromEntries(new URL(request.url).searchParams);
  try { return JSON.parse(text); } catch { return Object.fromEntries(new URLSearchParams(text)); }
}

// A refusal that a test ordered, or that Slack's limits want; of our bot's calls alone.
function refusalOf(method, body) {
  const place = faults.findIndex(one => one.method === method && (!one.channel || one.channel === body.channel));
  if (place >= 0) {
    const fault = faults[place];
    if ((fault.times -= 1) < 1) faults.splice(place, 1);
    if (!fault.after) return fault;
    return { ...fault, after: true };
  }
  const wrong = SAID.includes(method) ? wrongForm(method, body) : '';
  if (wrong) return { status: 200, error: wrong };
  if (method === 'chat.postMessage') {
    const key = body.channel, now = Date.now();
    if (now - (lastPost.get(key) ?? 0) < everyMs) return { status: 429, error: 'ratelimited', retry_after: 1 };
    lastPost.set(key, now);
  }
  return null;
}
function refused(fault) {
  const headers = { 'content-type': fault.page ? 'text/html' : 'application/json', ...(fault.retry_after !== undefined ? { 'retry-after': String(fault.retry_after) } : {}) };
  return new Response(fault.page ?? JSON.stringify({ ok: false, error: fault.error }), { status: fault.status ?? 200, headers });
}

const register = slackPlugin.register;
slackPlugin.register = (web, store, webhooks, baseUrl, ...rest) => {
  const slack = () => getSlackStore(store);
  const isBots = c => (c.req.header('authorization') ?? '') === 'Bearer xoxb-the-bot';
  web.use('*', async (c, next) => {
    const url = new URL(c.req.url);
    if (!url.pathname.startsWith('/api/')) return next();
    const method = url.pathname.split('/').at(-1), body = await read(c.req.raw);
    // The SDK sends some methods' arguments in the address, which the emulator does not read.
    if (c.req.method === 'POST' && url.search && !(await c.req.raw.clone().text())) {
      const fields = new URLSearchParams([...url.searchParams].filter(([, value]) => value !== ''));
      c.req.raw = new Request(url.origin + url.pathname, { method: 'POST', body: fields.toString(),
        headers: { authorization: c.req.header('authorization') ?? '', 'content-type': 'application/x-www-form-urlencoded' } });
    }
    if (!isBots(c)) return next();
    const call = { method, body, at: Date.now() / 1000, error: '' };
    calls.push(call);
    if (slow) await new Promise(resolve => setTimeout(resolve, slow));
    const fault = refusalOf(method, body);
    if (fault && !fault.after) { call.error = fault.error ?? String(fault.status); return refused(fault); }
    c.header('x-oauth-scopes', scopes.join(','));
    await next();
    if (fault) { call.error = 'lost'; return refused(fault); }
  });
  web.post('/api/users.info', async c => {
    const { user } = await read(c.req.raw), found = slack().users.findOneBy('user_id', user ?? '');
    if (!found) return c.json({ ok: false, error: 'user_not_found' });
    const locale = people.find(one => one.name === found.name)?.locale;
    return c.json({ ok: true, user: { id: found.user_id, name: found.name, real_name: found.real_name, locale, profile: { display_name: '', real_name: found.real_name } } });
  });
  web.post('/api/apps.connections.open', c => {
    if (c.req.header('authorization') !== `Bearer ${appToken}`) return c.json({ ok: false, error: 'invalid_auth' });
    const place = faults.findIndex(one => one.method === 'apps.connections.open');
    if (place >= 0) { const [fault] = faults.splice(place, 1); return refused(fault); }
    return c.json({ ok: true, url: socketUrl() });
  });
  for (const method of ['assistant.threads.setStatus', 'assistant.threads.setSuggestedPrompts', 'assistant.threads.setTitle'])
    web.post(`/api/${method}`, c => c.json({ ok: true }));
  web.post('/__respond/:id', async c => { responses.push({ id: c.req.param('id'), ...(await c.req.json()) }); return c.text('ok'); });

  webhooks.dispatch = async (_event, _action, envelope, owner) => {
    if (owner !== 'slack') return;
    const event = { ...envelope.event }, id = typeof event.channel === 'string' ? event.channel : event.channel?.id;
    const channel = id && slack().channels.findOneBy('channel_id', id);
    if (channel && !channel.members.includes(botUser)) return;
    if (event.user === botUser) { event.bot_id = bot; event.app_id = app; }
    if (channel && event.type === 'message') event.channel_type = channel.is_im ? 'im' : channel.is_private ? 'group' : 'channel';
    event.event_ts ??= event.ts;
    const full = told => ({ ...envelope, token: 'x', api_app_id: app, event: told,
      authorizations: [{ enterprise_id: null, team_id: envelope.team_id, user_id: botUser, is_bot: true, is_enterprise_install: false }] });
    pass('events_api', full(event));
    if (event.type === 'message' && !event.subtype && !channel?.is_im && event.user !== botUser && event.text?.includes(`<@${botUser}>`)) {
      const { channel_type, ...mention } = event;
      pass('events_api', { ...full({ ...mention, type: 'app_mention' }), event_id: `Ev${randomUUID()}` });
    }
  };
  web.get('/__seen', c => c.json({ calls, statuses, responses, opened, connected: sockets.filter(one => one.live).length, kept: kept.map(([, payload]) => payload) }));
  web.get('/__ids', c => c.json({ people: slack().users.all().map(one => ({ id: one.user_id, name: one.name })), views: slack().views?.all?.() ?? [],
    whispers: slack().ephemeralMessages.all() }));
  web.post('/__order', async c => {
    const order = await c.req.json();
    if (order.reset) { faults = []; calls = []; statuses = []; responses = []; kept = []; holding = false; slow = 0; frozen = false; everyMs = 950; mode = 'off'; lastPost.clear(); for (const ws of sockets) ws.terminate(); }
    if (order.mode) mode = order.mode;
    if (order.hook !== undefined) hook = order.hook;
    if (order.fault) faults.push({ times: 1, ...order.fault });
    if (order.slow !== undefined) slow = order.slow;
    if (order.hold !== undefined) holding = order.hold;
    if (order.forget) { faults = []; }
    if (order.release) { const events = order.release === 'backwards' ? kept.reverse() : kept; kept = []; holding = false; for (const [type, payload] of events) await send(type, payload); }
    if (order.socket === 'freeze') { frozen = order.stay ?? false; for (const ws of sockets) ws.live = false; }
    if (order.socket === 'thaw') frozen = false;
    if (order.socket === 'refresh') for (const ws of sockets) ws.send(JSON.stringify({ type: 'disconnect', reason: 'refresh_requested', debug_info: {} }));
    if (order.socket === 'drop') for (const ws of sockets) ws.terminate();
    return c.json({ ok: true });
  });
  web.post('/__send/:type', async c => c.json({ status: await send(c.req.param('type'), await c.req.json()) }));
  return register(web, store, webhooks, baseUrl, ...rest);
};

const all = [...scopes, 'channels:manage', 'channels:write', 'channels:join'];
await createEmulator({
  service: 'slack', port, baseUrl: `http://127.0.0.1:${port}`,
  seed: { slack: {
    strict_scopes: true,
    users: people.map(one => ({ name: one.name, real_name: one.real_name, email: `${one.name}@otters.example` })),
    oauth_apps: [{ client_id: '1.2', client_secret: 'cs', app_id: app, name: 'Otters', bot_name: 'otters', bot_id: bot, bot_user_id: botUser, redirect_uris: ['http://127.0.0.1/', 'http://127.0.0.1/slack/callback'], scopes, user_scopes: [] }],
    tokens: [{ token: 'xoxb-the-bot', user_id: botUser, bot_id: bot, bot_user_id: botUser, app_id: app, type: 'bot', scopes },
      ...people.map(one => ({ token: `xoxp-${one.name}`, user: one.name, scopes: all }))],
  } },
});
console.log('UP');
