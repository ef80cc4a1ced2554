// A certified OpenID provider (npm oidc-provider) for tests: authorization code with PKCE, client credentials, JWT access tokens. Everything in
// memory, no consent screen; whoever is named by login_hint (else "alice") is signed in.
//   node provider.mjs PORT      prints "ready" when it listens
import { createServer } from 'node:http';
import { exportJWK, generateKeyPair } from 'jose';
import { Provider } from 'oidc-provider';

const port = Number(process.argv[2]);
const issuer = `http://127.0.0.1:${port}`;
const audience = 'urn:vna';
const scopes = 'read write delete share admin patient/ImagingStudy.rs';
const people = {
  alice: { name: 'Alice Reader', roles: ['radiologist'] },
  bob: { name: 'Bob Visitor', roles: ['visitor'] },
  root: { name: 'Root Admin', roles: ['administrator'] },
};

const { privateKey } = await generateKeyPair('RS256', { extractable: true });
const key = { ...await exportJWK(privateKey), kid: 'k1', use: 'sig', alg: 'RS256' };

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: 'gateway', client_secret: 'gateway-secret', grant_types: ['client_credentials'], response_types: [], redirect_uris: [],
      token_endpoint_auth_method: 'client_secret_basic', scope: scopes,
    },
    {
      // RFC 8252 7.3: a native client's loopback address may have any port.
      client_id: 'pages', application_type: 'native', token_endpoint_auth_method: 'none', grant_types: ['authorization_code'], response_types: ['code'],
      redirect_uris: ['http://127.0.0.1/access/callback', 'http://127.0.0.1/pacs/access/callback'], scope: `openid profile ${scopes}`,
    },
  ],
  jwks: { keys: [key] },
  scopes: ['openid', 'profile', ...scopes.split(' ')],
  claims: { openid: ['sub'], profile: ['name', 'roles'] },
  pkce: { required: () => true },
  cookies: { keys: ['test'], names: { session: 'op-session', interaction: 'op-interaction', resume: 'op-resume' } },
  ttl: { AccessToken: 300, ClientCredentials: Number(process.env.TTL ?? 300), Grant: 3600, Session: 3600, Interaction: 600, IdToken: 300 },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => audience,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({ scope: scopes, audience, accessTokenFormat: 'jwt', jwt: { sign: { alg: 'RS256' } } }),
    },
  },
  extraTokenClaims: (_, token) => ({ roles: token.accountId ? people[token.accountId]?.roles ?? [] : ['gateway'], name: people[token.accountId]?.name }),
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...people[id] }) }),
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
});

const answer = provider.callback();
createServer(async (request, response) => {
  if (!request.url.startsWith('/interaction/')) {
    return answer(request, response);
  }
  try {
    const { prompt, params, session, grantId } = await provider.interactionDetails(request, response);
    if (prompt.name === 'login') {
      return await provider.interactionFinished(request, response, { login: { accountId: params.login_hint ?? process.env.WHO ?? 'alice' } });
    }
    const grant = grantId ? await provider.Grant.find(grantId) : new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
    grant.addOIDCScope(`openid profile ${scopes}`);
    grant.addResourceScope(audience, scopes);
    grant.addOIDCClaims(['name', 'roles']);
    return await provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } }, { mergeWithLastSubmission: true });
  } catch (failure) {
    response.statusCode = 500;
    return response.end(String(failure));
  }
}).listen(port, '127.0.0.1', () => console.log('ready'));
