// An OpenID provider for tests: it believes whoever signs in, and asserts the login as the address.
import { Provider } from "oidc-provider";

const [port, redirectUri] = process.argv.slice(2);
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{ client_id: "provost", client_secret: "s3cret + of the client", redirect_uris: [redirectUri] }],
  pkce: { required: () => true },
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["preferred_username"] },
  // Claims of the scopes stand in the ID token, as with Entra.
  conformIdTokenClaims: false,
  features: { devInteractions: { enabled: true } },
  findAccount: async (_, id) => ({
    accountId: id,
    claims: async () => ({
      sub: `sub-${id}`,
      email: id,
      email_verified: !id.startsWith("unproved"),
      preferred_username: id.split("@")[0],
    }),
  }),
});
provider.listen(Number(port), "127.0.0.1");
