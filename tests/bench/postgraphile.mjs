// PostGraphile 5 as its documentation has it, for production: no authorization, no GraphiQL, no explaining.
// node postgraphile.mjs <database URL> <port>; run where `postgraphile` is installed.
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const found = createRequire(process.cwd() + "/");
const load = async (name) => import(pathToFileURL(found.resolve(name)).href);
const { postgraphile } = await load("postgraphile");
const { PostGraphileAmberPreset } = await load("postgraphile/presets/amber");
const { makePgService } = await load("postgraphile/adaptors/pg");
const { grafserv } = await load("postgraphile/grafserv/node");

const [url, port] = process.argv.slice(2);
const preset = {
  extends: [PostGraphileAmberPreset],
  pgServices: [makePgService({ connectionString: url, schemas: ["public"] })],
  grafserv: { graphiql: false, graphqlPath: "/graphql", watch: false, maxRequestLength: 1_000_000 },
  grafast: { explain: false },
  // Else a relation whose index is partial is left out; asked with its condition, the index serves it.
  disablePlugins: ["PgIndexBehaviorsPlugin"],
};
const instance = postgraphile(preset);
const serving = instance.createServ(grafserv);
const server = createServer();
await serving.addTo(server);
server.listen(Number(port), "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}/graphql`));
