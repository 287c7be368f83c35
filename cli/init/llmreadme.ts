/** The README of a project before a provider of language models. */
import { firstCall, KEY_FILES, type LlmProvider } from './llm.ts'
import type { InitPlan } from './plan.ts'
import { operating } from './projectfiles.ts'

const GATE = 'http://localhost:8787'

/** Returns the text. Every command in it works as it stands. */
export function llmReadme({ name, hosts }: InitPlan, llm: LlmProvider): string {
  const { title, path, version, secret, currency, note } = llm
  const [host] = hosts
  const key =
    secret === undefined
      ? 'Your server must run: `ORIGIN_URL` in `.dev.vars` says where.'
      : `One secret is missing: your key at ${title}.

\`\`\`sh
echo '${secret}=<your key>' >> .dev.vars
\`\`\``
  return `# ${name}

Faregate before ${title}, with prepaid credit: what a call can cost at most is reserved, and what it did cost is charged.
${note}

${key}

\`\`\`sh
npx faregate check          # every fault of the configuration
npx faregate start          # in workerd, on ${GATE}
\`\`\`

In another terminal, in this folder:

\`\`\`sh
export FAREGATE_GATE=${GATE} FAREGATE_OPERATOR_KEY=${KEY_FILES.secret}
npx faregate credit --account me --amount '1 ${currency}'
KEY=$(npx faregate key create --account me --name first --entitlements api)
${firstCall(llm, GATE, 'KEY')}
curl -s ${GATE}/__faregate/account -H "Authorization: Bearer $KEY"
\`\`\`

An SDK takes \`KEY\` as its API key, and \`${GATE}${path}${version}\` as its base URL. The answer
has the id of its charge in \`Faregate-Charge\`. Without enough credit it is 402, in the SDK's own shape.
${operating(KEY_FILES.secret)}
\`${KEY_FILES.secret}\` signs your orders: it belongs in the store for secrets of whoever sells, and never in the repository.

Deployed: set your host in \`faregate.config.ts\` and \`wrangler.toml\` (${host}), then \`npx wrangler secret bulk .dev.vars\` and
\`npx wrangler deploy\`.
`
}
