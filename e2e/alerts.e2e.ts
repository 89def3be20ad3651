import { expect, type Locator, type Page, test } from '@playwright/test'
import { signInAsAdmin } from './support/admin.ts'
import { blindWatch } from './support/blind-watch.ts'
import { homeOfProduct } from './support/home.ts'
import { watchPage } from './support/policy.ts'

/** A real alert, from its check to its end: an objective that no backup can meet opens it, the old objective ends it. */
const name = 'Newest restorable point, cap_table'
const main = (page: Page): Locator => page.getByRole('main')
const history = (page: Page): Locator => main(page).getByRole('list', { name: 'History, newest first' })
const badge = (page: Page): Locator => page.getByRole('navigation', { name: 'Screens' }).getByRole('link', { name: /^Alerts/ })
// a round of the watch comes every 15 s, and a backup of the tests before may be younger than the objective
const round = { timeout: 120_000 }

test('an alert arises, is acknowledged with a note, silenced, and resolved; a watch that does not look says unknown', async ({ page }) => {
  const watched = await watchPage(page)
  await signInAsAdmin(page)
  const database = await test.step('the objective becomes one that no backup meets', () => setObjective(page, 60))

  await test.step('an alert says what is wrong, what it means, and the first thing to do', async () => {
    await page.goto('/alerts')
    const row = main(page).getByRole('listitem').filter({ hasText: name })
    await expect(row).toContainText(/The newest restorable point is .* old; its objective is 1 min/, round)
    await expect(row).toContainText('If the database were lost now')
    await expect(row.getByRole('link', { name: 'Make a backup now.' })).toHaveAttribute('href', `/databases/${database}`)
    await expect(main(page).getByText('Last looked')).toBeVisible()
    await expect(badge(page)).toHaveAccessibleName(/\d+ open/)
    await row.getByRole('link', { name }).click()
    await expect(page.getByRole('heading', { level: 1, name })).toBeVisible()
    await expect(main(page).getByRole('list', { name: 'Steps' }).getByRole('listitem').first()).toContainText('lifeboat backup manual')
    await expect(main(page).getByRole('link', { name: 'Runbook: Get a database back' })).toHaveAttribute('href', '/runbooks/database')
    await expect(history(page)).toContainText('Opened')
  })

  await test.step('somebody takes it on, and says what is being done', async () => {
    await main(page).getByRole('button', { name: 'Acknowledge' }).click()
    const dialog = page.getByRole('dialog', { name: `Acknowledge: ${name}` })
    await expect(dialog.getByRole('button', { name: 'Acknowledge' })).toHaveAttribute('aria-disabled', 'true')
    await dialog.getByRole('textbox', { name: 'Note' }).fill('The objective is being tried out')
    await dialog.getByRole('button', { name: 'Acknowledge' }).click()
    await expect(dialog).toHaveCount(0)
    await expect(history(page).getByRole('listitem').filter({ hasText: 'The objective is being tried out' })).toContainText(
      /Acknowledged by ada@example.org/,
    )
    await expect(main(page).getByRole('button', { name: 'Acknowledge' })).toHaveCount(0)
    await expect(main(page).getByText('Nobody: somebody has it')).toBeVisible()
  })

  await test.step('it is silenced for a time with a reason, and heard again', async () => {
    await main(page).getByRole('button', { name: 'Silence', exact: true }).click()
    const dialog = page.getByRole('dialog', { name: `Silence: ${name}` })
    await dialog.getByRole('button', { name: /^1 hour/ }).click()
    await page.getByRole('option', { name: '4 hours' }).click()
    await dialog.getByRole('textbox', { name: 'Reason' }).fill('Until the next backup')
    await dialog.getByRole('button', { name: 'Silence it' }).click()
    await expect(main(page).getByText('“Until the next backup”')).toBeVisible()
    await main(page).getByRole('button', { name: 'End the silence' }).click()
    await expect(main(page).getByRole('button', { name: 'Silence', exact: true })).toBeVisible()
  })

  await test.step('its check shows the same, with its history', async () => {
    await page.goto(`/checks?database=${database}`)
    const row = main(page).getByRole('row', { name: /Newest restorable point/ })
    await expect(row).toContainText(/warning|critical/)
    await row.getByRole('link', { name: 'Newest restorable point', exact: true }).click()
    await expect(main(page).getByRole('heading', { name: 'What it saw' })).toBeVisible()
    await main(page).getByText('Show as a table').click()
    await expect(main(page).getByRole('table', { name: 'What it saw' }).getByRole('row').nth(1)).toContainText(/its objective is 1 min/)
    await main(page).getByRole('link', { name: 'its open alert' }).click()
    await expect(page.getByRole('heading', { level: 1, name })).toBeVisible()
  })

  await test.step('while nobody looks, every screen of the watch says unknown, and none is green', async () => {
    const blind = await blindWatch(homeOfProduct())
    try {
      await page.goto('/alerts')
      await expect(main(page).getByText(/^Unknown: nothing was looked at for 10 min/)).toBeVisible()
      await expect(main(page).getByText('No alert is open', { exact: true })).toHaveCount(0)
      await expect(badge(page)).toHaveAccessibleName(/unknown: nothing was looked at lately/)
      await expect(page).toHaveTitle(/^Unknown/)
      await page.goto(`/databases/${database}`)
      await expect(main(page).getByText('Unknown: nothing was looked at lately.')).toBeVisible()
    } finally {
      await blind.see()
    }
    await page.goto('/alerts?state=acknowledged')
    await expect(main(page).getByText('Last looked')).toBeVisible(round)
  })

  await test.step('its check ends it', async () => {
    await main(page).getByRole('link', { name }).click()
    await setObjective(page, 90_000)
    await expect(main(page).getByText(/^Over/).first()).toBeVisible(round)
    await expect(history(page).getByRole('listitem').first()).toContainText(/Over|Recovered|Nobody|Told/)
    await page.getByRole('link', { name: 'Alerts' }).last().click()
    await expect(main(page).getByRole('list', { name: 'Resolved alerts' })).toContainText(name)
  })
  expect(await watched.problems()).toEqual([])
})

/** Seconds. Answers the database's id. */
async function setObjective(page: Page, seconds: number): Promise<string> {
  const answer = await page.evaluate(async (rpoObjectiveSeconds) => {
    const databases = (await (await fetch('/api/v1/databases')).json()) as { id: string; name: string }[]
    const id = databases.find((one) => one.name === 'cap_table')?.id ?? ''
    const headers = { 'content-type': 'application/json' }
    return {
      id,
      status: (await fetch(`/api/v1/databases/${id}`, { method: 'PATCH', headers, body: JSON.stringify({ rpoObjectiveSeconds }) })).status,
    }
  }, seconds)
  expect(answer.status).toBe(200)
  return answer.id
}

test('what operations wrote is searched, and each line leads to its operation', async ({ page }) => {
  const watched = await watchPage(page)
  await signInAsAdmin(page)
  await page.goto('/logs?since=all')
  const lines = main(page).getByRole('list', { name: 'Lines, newest first' }).getByRole('listitem')
  await main(page).getByRole('searchbox', { name: 'Text' }).fill('QUEUED')
  await main(page).getByRole('button', { name: 'Search', exact: true }).click()
  await expect(page).toHaveURL(/[?&]q=QUEUED/)
  await expect(lines.first()).toContainText('queued')
  await lines.first().getByRole('link').click()
  await expect(page).toHaveURL(/\/operations\/[0-9a-f-]{36}$/)
  await page.goBack()
  await expect(main(page).getByRole('searchbox', { name: 'Text' })).toHaveValue('QUEUED')
  await main(page).getByRole('searchbox', { name: 'Text' }).fill('no operation ever wrote this')
  await main(page).getByRole('button', { name: 'Search', exact: true }).click()
  await expect(main(page).getByRole('heading', { name: 'No line matches' })).toBeVisible()
  expect(await watched.problems()).toEqual([])
})
