import { Option } from 'commander'
import { LifeboatError } from '#lib/domain/errors.ts'

/** `--map-role OLD=NEW`, as often as wanted. */
export function mapRoleOption(): Option {
  return new Option('--map-role <old=new>', 'what belongs to role old goes to role new of the target; may be given again')
    .argParser(roleMapOf)
    .default({})
}

/** `old=new`; a name that holds an equals sign itself is divided at the last one. */
function roleMapOf(word: string, before: Record<string, string>): Record<string, string> {
  const at = word.lastIndexOf('=')
  if (at < 1 || at === word.length - 1) throw new LifeboatError('usage', `--map-role ${word} is not OLD=NEW.`, 'Nothing was touched.')
  return { ...before, [word.slice(0, at)]: word.slice(at + 1) }
}
