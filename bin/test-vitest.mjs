// One project of vitest.config.ts, with its totals.
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { root, run, say } from './bootstrap.mjs'
import { listenForErrors, vitestFailures } from './test-failures.mjs'

export async function runVitest({ project, node, env, scratch }) {
  const report = path.join(scratch, `${project}.json`)
  const program = path.join(root, 'node_modules/vitest/vitest.mjs')
  const args = [program, 'run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const heard = listenForErrors()
  const code = await run(node, args, { env, prefix: project, onLine: heard.onLine })
  if (!existsSync(report))
    return { passed: 0, failed: 1, failures: [{ title: `vitest ended with ${code} and left no report`, message: heard.worst() }] }
  const told = JSON.parse(readFileSync(report, 'utf8'))
  const { numPassedTests: passed, numPendingTests, numTodoTests } = told
  const failures = vitestFailures(told)
  if (code !== 0 && failures.length === 0)
    failures.push({ title: `vitest ended with ${code} although no test failed: an error outside of a test`, message: heard.worst() })
  if (passed + failures.length === 0) failures.push({ title: 'no test was found' })
  for (const { title } of failures.filter(({ where }) => !where)) say(`  ${project}: ${title}`)
  return { passed, failed: failures.length, failures, skipped: (numPendingTests ?? 0) + (numTodoTests ?? 0) }
}
