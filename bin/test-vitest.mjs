// One project of vitest.config.ts, with its totals.
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { root, run, say } from './bootstrap.mjs'

export async function runVitest({ project, node, env, scratch }) {
  const report = path.join(scratch, `${project}.json`)
  const program = path.join(root, 'node_modules/vitest/vitest.mjs')
  const args = [program, 'run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const code = await run(node, args, { env, prefix: project })
  if (!existsSync(report)) return { passed: 0, failed: 1 }
  const { numPassedTests: passed, numFailedTests, numPendingTests, numTodoTests, testResults } = JSON.parse(readFileSync(report, 'utf8'))
  // a file that could not be loaded has no tests and is a failure all the same
  const unloaded = testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length
  const failed = numFailedTests + unloaded
  if (code !== 0 && failed === 0) say(`  ${project}: vitest ended with ${code} although no test failed: an error outside of a test`)
  if (passed + failed === 0) say(`  ${project}: no test was found`)
  return { passed, failed: (code !== 0 || passed === 0) && failed === 0 ? 1 : failed, skipped: (numPendingTests ?? 0) + (numTodoTests ?? 0) }
}
