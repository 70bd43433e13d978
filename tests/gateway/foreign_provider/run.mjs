// panva's certified OpenID provider, with one application: the hub. Says its own address in one line, and ends
// with its standard input. Whoever comes is HUB_PERSON; what it asks people is in /interaction.
import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import { Provider } from "oidc-provider";

const { HUB_URL, HUB_SECRET, HUB_PERSON } = process.env;

const server = createServer();
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const issuer = `http://127.0.0.1:${server.address().port}`;

const keys = [
  { ...generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ format: "jwk" }), kid: "rsa" },
  { ...generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "jwk" }), kid: "ec" },
].map((key) => ({ ...key, use: "sig" }));

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: "hub",
      client_secret: HUB_SECRET,
      redirect_uris: [`${HUB_URL}/sign-in/callback`],
      post_logout_redirect_uris: [`${HUB_URL}/sign-in/logged-out`],
      backchannel_logout_uri: `${HUB_URL}/sign-in/back-channel-logout`,
      backchannel_logout_session_required: true,
      id_token_signed_response_alg: process.env.HUB_ALG,
    },
  ],
  jwks: { keys },
  acrValues: ["aal1", "aal2"],
  cookies: { keys: ["of a test"] },
  claims: { openid: ["sub"], acr: null, auth_time: null, sid: null },
  features: {
    devInteractions: { enabled: false },
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: { enabled: true },
  },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  pkce: { required: () => true },
  ttl: { Session: 3600, Interaction: 600, Grant: 3600, IdToken: 300, AccessToken: 300, AuthorizationCode: 60 },
  // It goes to no address of its own machine, where the hub of this test is.
  fetch: (url, { dispatcher, ...options }) => fetch(url, options),
  findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
});

// Asks nobody anything: whoever comes is the one person, as strongly as was asked for.
async function interaction(request, response) {
  const { prompt, params, grantId, session } = await provider.interactionDetails(request, response);
  const result = {};
  if (prompt.name === "login") {
    const acr = (params.acr_values ?? "aal1").split(" ")[0];
    result.login = { accountId: HUB_PERSON, acr, ts: Math.floor(Date.now() / 1000) };
  } else {
    const grant = grantId
      ? await provider.Grant.find(grantId)
      : new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
    grant.addOIDCScope("openid");
    result.consent = { grantId: await grant.save() };
  }
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true });
}

provider.on("backchannel.error", (_, error) => console.error(error));
const answer = provider.callback();
server.on("request", (request, response) => {
  if (!request.url.startsWith("/interaction/")) return answer(request, response);
  interaction(request, response).catch((error) => {
    console.error(error);
    response.writeHead(500).end();
  });
});

console.log(issuer);
process.stdin.resume().on("end", () => process.exit());
