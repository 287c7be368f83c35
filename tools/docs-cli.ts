/** The reference of the command line, from its own `--help`. */
import type { Command } from 'commander'
import { createProgram } from '../cli/program.ts'

const silent = { env: {}, cwd: '.', isInteractive: false, print: () => undefined, complain: () => undefined }

/** One section for each command, with those of its own below it. */
export function cliReference(): string {
  return createProgram(silent)
    .commands.map((command) => sectionOf(command, 2))
    .join('\n\n')
}

function sectionOf(command: Command, depth: number): string {
  const heading = `${'#'.repeat(depth)} \`${nameOf(command)}\``
  const help = `\`\`\`text\n${command.helpInformation().trim()}\n\`\`\``
  return [heading, help, ...command.commands.map((inner) => sectionOf(inner, depth + 1))].join('\n\n')
}

function nameOf(command: Command): string {
  return command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`
}
