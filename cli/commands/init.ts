import { resolve } from 'node:path'
import { Command } from 'commander'
import { createAnswers } from '../init/answers.ts'
import { firstCall, LLM_PROVIDERS, type LlmProvider } from '../init/llm.ts'
import { type InitPlan, KINDS } from '../init/plan.ts'
import { type InitFlags, planFrom } from '../init/planfrom.ts'
import { PRESETS } from '../init/presets.ts'
import { writeProject, type WrittenFile } from '../init/writeproject.ts'
import { RECIPES } from '../recipes/all.ts'
import type { Terminal } from '../terminal.ts'
import { several } from '../values.ts'
import { packageVersion } from '../version.ts'

interface InitOptions extends InitFlags {
  readonly dir?: string
  readonly force?: boolean
  readonly json?: boolean
}

/** `faregate init`: writes a project that passes `check`. */
export function initCommand(terminal: Terminal): Command {
  const command = new Command('init')
    .summary('write a project: configuration, Worker, wrangler.toml')
    .description(
      'Writes a project that passes "check": faregate.config.ts, the Worker, wrangler.toml, a package file, the names of secrets and a README. Asks for what no option says, where there is a terminal. It overwrites nothing. It writes no secret but for --llm and --stripe: a new key of billing, and secrets of the gate’s own in .dev.vars.',
    )
    .argument('[kind]', `what is behind the gate: ${KINDS.join(', ')}`)
    .option('--llm <provider>', `sells language models: ${Object.keys(LLM_PROVIDERS).join(', ')}`)
    .option('--stripe [price]', 'sells with a Stripe account alone: the id of a recurring price')
    .option(
      '--origin <server>',
      `${Object.keys(RECIPES).join(' or ')}, whose feeds and interfaces are closed; or the server’s URL`,
    )
    .option('--origin-url <url>', 'where that server is, behind the gate')
    .option('--host <host>', 'the host that readers ask for; may come several times', several)
    .option('--paid <path>', 'a path that is sold, such as /articles/*; may come several times', several)
    .option('--free <path>', 'a path for everyone, where the others are closed; may come several times', several)
    .option('--entitlement <name>', 'what opens it (default: premium; of an API: api)')
    .option('--checkout <url>', 'where it is bought')
    .option(
      '--issuer <issuer>',
      `who signs readers’ tokens: billing, which is your own; or ${Object.keys(PRESETS).join(', ')}`,
    )
    .option('--sign-in <client>', 'has the gate sign readers in at that issuer: the id of your client there')
    .option(
      '--billing <url>',
      'the issuer of your own billing; beside another issuer, it signs events and operators’ tokens',
    )
    .option('--jwks <url or file>', 'its public keys: "npx faregate keys generate" makes a file')
  return withPresetOptions(command)
    .option('--name <name>', 'of the project (default: the folder’s)')
    .option('--dir <folder>', 'where to write (default: here)')
    .option('--force', 'overwrites what is there, but for package.json and .gitignore, which are added to')
    .option('--json', 'prints one JSON object')
    .action(async (kind: string | undefined, options: InitOptions) => {
      const folder = resolve(terminal.cwd, options.dir ?? '.')
      const answers = createAnswers(terminal)
      try {
        const plan = await planFrom({ ...options, ...(kind === undefined ? {} : { kind }) }, folder, answers)
        tell(writeProject(plan, folder, packageVersion(), options.force === true), plan, options, terminal)
      } finally {
        answers.close()
      }
    })
}

function withPresetOptions(command: Command): Command {
  return command
    .option('--domain <domain>', 'of auth0')
    .option('--audience <aud>', 'of auth0, cloudflare-access, entra, okta, oidc: the "aud" of its tokens')
    .option('--frontend-api <host>', 'of clerk')
    .option('--authorized-party <origin>', 'of clerk: your app’s origin')
    .option('--team <name>', 'of cloudflare-access')
    .option('--region <region>', 'of cognito')
    .option('--user-pool-id <id>', 'of cognito')
    .option('--client-id <id>', 'of cognito, keycloak')
    .option('--tenant <id>', 'of entra; may come several times', several)
    .option('--project <id>', 'of firebase, supabase')
    .option('--issuer-url <url>', 'of keycloak, okta, oidc')
    .option('--jwks-uri <url>', 'of oidc')
}

function tell(
  files: readonly WrittenFile[],
  { llm, stripe }: InitPlan,
  { json }: InitOptions,
  { print }: Terminal,
): void {
  if (json === true) {
    print(JSON.stringify({ files }))
    return
  }
  for (const { name, how } of files) print(`${how.padEnd(9)} ${name}`)
  if (stripe !== undefined) print('\nNext: README.md, which says what to click at Stripe')
  else if (llm === undefined) print('\nNext: npm install, npx faregate check, and README.md')
  else print(`\n${nextSteps(llm)}`)
}

/** Two steps, and how to see that they worked. */
function nextSteps(llm: LlmProvider): string {
  const secret = llm.secret === undefined ? 'see that your server runs' : `echo '${llm.secret}=<your key>' >> .dev.vars`
  return `Next: ${secret}
      npx faregate start

In another terminal, here:
  export FAREGATE_GATE=http://localhost:8787 FAREGATE_OPERATOR_KEY=billing.key.json
  npx faregate credit --account me --amount '1 ${llm.currency}'
  KEY=$(npx faregate key create --account me --name first --entitlements api)
  ${firstCall(llm, 'http://localhost:8787', 'KEY')}

README.md goes on: SDKs, prices, and how it is deployed.`
}
