// SCIMMY behind its Express routers: `node server.mjs PORT TOKEN [enterprise]`, with the enterprise
// extension for users if it is asked for.
//
// SCIMMY leaves storing to whoever uses it. This is the least that it needs: a Map for each resource type, and its own filter over all of it
// where a request has one, as its documentation shows.

import express from "express";
import SCIMMY from "scimmy";
import SCIMMYRouters from "scimmy-routers";

const [port, token, extension] = process.argv.slice(2);
let last = 0;

function keep(type) {
    const kept = new Map();
    const missing = (id) => new SCIMMY.Types.Error(404, null, `there is no ${id}`);
    SCIMMY.Resources.declare(type)
        .ingress((resource, data) => {
            const before = kept.get(resource.id);
            if (resource.id && !before) throw missing(resource.id);
            const now = new Date();
            const id = resource.id ?? String(++last);
            const value = { ...JSON.parse(JSON.stringify(data)), id, meta: { created: before?.meta.created ?? now, lastModified: now } };
            kept.set(id, value);
            return value;
        })
        .egress((resource) => {
            if (!resource.id) {
                const all = [...kept.values()];
                return resource.filter ? resource.filter.match(all) : all;
            }
            const value = kept.get(resource.id);
            if (!value) throw missing(resource.id);
            return value;
        })
        .degress((resource) => {
            if (!kept.delete(resource.id)) throw missing(resource.id);
        });
}

if (extension === "enterprise") SCIMMY.Resources.User.extend(SCIMMY.Schemas.EnterpriseUser);
keep(SCIMMY.Resources.User);
keep(SCIMMY.Resources.Group);

const handler = (request) => {
    if (request.header("Authorization") !== `Bearer ${token}`) throw new Error("the token is wrong");
    return "load";
};
const app = express();
app.use("/scim/v2", new SCIMMYRouters({ type: "bearer", docUri: "https://example.com/", handler }));
app.listen(Number(port), "127.0.0.1");
