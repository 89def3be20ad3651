import { Command, CommanderError } from 'commander'
import { errorCodes, LifeboatError } from '#lib/domain/errors.ts'
import { version } from '#lib/domain/version.ts'
import { loadEnvFiles } from '#lib/env-files.ts'
import { addNames, askedFor, commands } from './commands.ts'
import { mode, printError } from './output.ts'

/** The command line: one file per command in commands/. Data on stdout, talk on stderr; exit codes as the contract says. */
const program = new Command('lifeboat')
  .description('Backs up PostgreSQL databases, proves that the backups restore, and guides recovery.')
  .version(version)
  .option('--json', 'one JSON document on stdout')
  .showHelpAfterError('(lifeboat --help says what there is)')
  .enablePositionalOptions(false)

const asked = askedFor(process.argv.slice(2))
if (asked === null) addNames(program)
else (await commands[asked]?.load())?.(program)
// --json is understood before and after the command's name
for (const command of everyCommand(program)) command.exitOverride().configureOutput({ writeErr: (text) => process.stderr.write(text) })

function everyCommand(command: Command): Command[] {
  return [command, ...command.commands.flatMap(everyCommand)]
}

loadEnvFiles(process.env.LIFEBOAT_ROOT ?? process.cwd())
mode.json = process.argv.includes('--json')
try {
  await program.parseAsync(process.argv.filter((word, index) => index < 2 || word !== '--json'))
} catch (error) {
  if (error instanceof CommanderError) {
    const wanted = error.code === 'commander.help' || error.code === 'commander.helpDisplayed' || error.code === 'commander.version'
    if (!wanted && mode.json) printError(new LifeboatError('usage', error.message.replace(/^error: /, ''), 'lifeboat --help'))
    process.exitCode = wanted ? 0 : errorCodes.usage.exit
  } else {
    process.exitCode = printError(error)
  }
}
// what a library still holds open must not keep a finished command waiting; the callback comes when the pipe has everything
process.stdout.write('', () => process.exit())
