// What failed, for the end of `npm test`: of a long log often only the last lines are kept.
import path from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { root } from './bootstrap.mjs'

const shown = 12
const widest = 260

/** One line a failure, the first twelve; none where nothing failed. `failures` are { stage, where?, title, message? }. */
export function failureLines(failures) {
  if (failures.length === 0) return []
  const lines = failures.slice(0, shown).map(({ stage, where, title, message }) => {
    const line = `  ${stage}: ${[where, title].filter(Boolean).join(' > ')}${message ? `: ${message}` : ''}`
    return line.length > widest ? `${line.slice(0, widest - 1)}…` : line
  })
  const more = failures.length - lines.length
  return ['What failed:', ...lines, ...(more > 0 ? [`  … and ${more} more (above).`] : [])]
}

/** The failed tests of vitest's JSON report; a file that could not be loaded, or could not tidy up, counts as one. */
export function vitestFailures(report) {
  return report.testResults.flatMap((file) => {
    const name = path.relative(root, file.name)
    const failed = file.assertionResults.filter((test) => test.status === 'failed')
    if (file.status === 'failed' && failed.length === 0) {
      const title = file.assertionResults.length === 0 ? 'the file could not be loaded' : 'failed outside of its tests'
      return [{ where: name, title, message: firstLines(file.message) }]
    }
    return failed.map((test) => {
      const text = test.failureMessages.join('\n')
      return { where: `${name}${lineIn(text, file.name)}`, title: [...test.ancestorTitles, test.title].join(' > '), message: firstLines(text) }
    })
  })
}

/** The failed and the flaky tests of Playwright's JSON report, and errors outside of a test. */
export function playwrightFailures(report) {
  const specs = (suite) => [...(suite.specs ?? []), ...(suite.suites ?? []).flatMap(specs)]
  const ofTests = report.suites.flatMap(specs).flatMap((spec) =>
    spec.tests
      .filter((test) => test.status === 'unexpected' || test.status === 'flaky')
      .map((test) => {
        // a test that timed out has two: that it did, and what it waited for
        const errors = test.results.flatMap((result) => result.errors ?? []).slice(0, 2)
        const place = errors.find((error) => error.location)?.location
        const at = place ? `${path.relative(root, place.file)}:${place.line}` : spec.file
        const told = errors.map((error) => firstLines(error.message, 3)).join(' · ')
        return { where: at, title: spec.title, message: test.status === 'flaky' ? `passed only when repeated. ${told}` : told }
      }),
  )
  return [...ofTests, ...report.errors.map((error) => ({ title: 'an error outside of a test', message: firstLines(error.message, 3) }))]
}

/** Listens to a program; `worst()` is its first line that tells of an error and the one after it, which tells where; else its last line. */
export function listenForErrors() {
  const errors = []
  let last = ''
  return {
    onLine(coloured) {
      last = stripVTControlCharacters(coloured)
      // a program's own words of failure; not a passed test (✓) whose title is about errors
      const isError = /\berror\b.*:|\w*Error: |need to be formatted|^\s*[×✖]/.test(last) && !last.includes('✓')
      if (errors.length === 1 || (errors.length === 0 && isError)) errors.push(last)
    },
    worst: () => firstLines(errors.length > 0 ? errors.join('\n') : last, 2),
  }
}

/** Up to `count` lines that say something, on one line. Playwright's first line only names the assertion; what was sought follows. */
export function firstLines(text, count = 1) {
  const lines = stripVTControlCharacters(text ?? '')
    .split('\n')
    .map((line) => line.trim().replace(/\s+/g, ' '))
    .filter((line) => line !== '')
  const end = lines.findIndex((line) => /^at /.test(line))
  const told = (end > 0 ? lines.slice(0, end) : lines).filter((line) => !/^(Call log:$|> *\d+ \||\d+ \||\|)/.test(line))
  return told.slice(0, count).join(' · ')
}

/** `:12` where the stack names the test's own file. */
function lineIn(stack, file) {
  const at = stack.indexOf(`${file}:`)
  return at < 0 ? '' : (/^:\d+/.exec(stack.slice(at + file.length))?.[0] ?? '')
}
