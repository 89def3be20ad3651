import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, type Locator, type Page, test } from '@playwright/test'
import { signInAsAdmin } from './support/admin.ts'
import { homeOfProduct } from './support/home.ts'
import { watchPage } from './support/policy.ts'

/** A backup is held and released, copied to a second storage, and what lies on that storage and is nobody's is found. */
const directory = path.join(homeOfProduct(), `second-${Date.now()}`)
const main = (page: Page): Locator => page.getByRole('main')

test('a backup is held, copied to a second storage, and what lies there besides is shown', async ({ page }) => {
  const watched = await watchPage(page)
  await mkdir(directory, { recursive: true })
  await signInAsAdmin(page)

  await test.step('a directory in a region of its own is added', () => addDirectory(page))
  await test.step('a backup is taken of which every place that is there holds a copy', () => backUp(page))
  const backup = await test.step('the newest backup of the sample database is opened', () => openNewest(page))
  await test.step('a hold is placed, seen in the list, and released', () => holdAndRelease(page, backup))
  await test.step('a copy is made on the second storage and read back', () => copyToSecond(page))
  await test.step('a foreign file there is found by reconciling', () => findForeign(page))
  expect(await watched.problems()).toEqual([])
})

async function addDirectory(page: Page): Promise<void> {
  await page.goto('/storages/new?kind=local')
  await page.getByLabel('Name in Lifeboat').fill('second')
  await page.getByLabel('Directory', { exact: true }).fill(directory)
  await page.getByLabel('Region it lies in').fill('eu-central')
  await page.getByLabel('Agreement').fill('DPA 2026-014')
  await page.getByRole('button', { name: 'Test the storage' }).click()
  await expect(page.getByRole('heading', { name: /The test of .* passed/ })).toBeVisible({ timeout: 60_000 })
  await page.getByRole('button', { name: 'Add the storage' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'second' })).toBeVisible()
  await expect(main(page).getByText('eu-central')).toBeVisible()
  await expect(main(page).getByText('DPA 2026-014')).toBeVisible()
}

/** What earlier tests left may be damaged, or lie where nothing answers any more. */
async function backUp(page: Page): Promise<void> {
  await page.goto('/storages')
  const answer = await page.evaluate(async () => {
    const get = async <T>(path: string) => (await (await fetch(`/api/v1${path}`)).json()) as T
    const databases = await get<{ id: string; name: string }[]>('/databases')
    const storages = await get<{ id: string; name: string }[]>('/storages')
    const body = { databaseId: databases.find((one) => one.name === 'cap_table')?.id, storageIds: [storages.find((one) => one.name === 'local')?.id] }
    const started = await fetch('/api/v1/backups', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
    return { status: started.status, operationId: ((await started.json()) as { operationId: string }).operationId }
  })
  expect(answer.status).toBe(202)
  await page.goto(`/operations/${answer.operationId}`)
  await expect(main(page).getByText('succeeded').first()).toBeVisible({ timeout: 60_000 })
  await expect(async () => {
    await page.goto('/backups')
    const newest = page.getByRole('table', { name: 'Backups, newest first' }).getByRole('row').nth(1)
    await expect(newest).toContainText('verified', { timeout: 1_000 })
  }).toPass({ timeout: 60_000 })
}

/** Answers its name. */
async function openNewest(page: Page): Promise<string> {
  await page.goto('/backups')
  const newest = page
    .getByRole('table', { name: 'Backups, newest first' })
    .getByRole('link', { name: /^backup_/ })
    .first()
  const name = (await newest.innerText()).trim()
  await newest.click()
  await page.waitForURL(/\/backups\/[0-9a-f-]{36}/)
  return name
}

async function holdAndRelease(page: Page, backup: string): Promise<void> {
  await page.getByRole('button', { name: 'Place a hold' }).click()
  const dialog = page.getByRole('dialog', { name: `Place a hold on ${backup}` })
  await expect(dialog.getByRole('button', { name: 'Place the hold' })).toHaveAttribute('aria-disabled', 'true')
  await dialog.getByRole('radio', { name: /^Legal/ }).check({ force: true })
  await dialog.getByLabel('Reason').fill('Case 2026-7: everything of that week')
  await dialog.getByRole('button', { name: 'Place the hold' }).click()
  const holds = page.getByRole('table', { name: 'Holds on this backup' })
  await expect(holds).toContainText('Case 2026-7')
  await expect(holds).toContainText('ada@example.org')
  await page.goto('/backups')
  await expect(page.getByRole('row', { name: new RegExp(backup) })).toContainText('held')

  await page.getByRole('link', { name: backup, exact: true }).click()
  await holds.getByRole('button', { name: /^Release the legal hold/ }).click()
  const question = page.getByRole('alertdialog')
  await expect(question.getByRole('button', { name: 'Keep the hold' })).toBeFocused()
  await question.getByLabel('Why is it released?').fill('The case is closed')
  await question.getByRole('button', { name: 'Release the hold' }).click()
  await expect(page.getByRole('heading', { name: 'Not held' })).toBeVisible()
  await expect(holds).toContainText('The case is closed')
}

async function copyToSecond(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Copy to another storage' }).click()
  const dialog = page.getByRole('dialog', { name: /^Copy backup_/ })
  await dialog.getByRole('radio', { name: /^second/ }).check({ force: true })
  await dialog.getByRole('button', { name: 'Make the copy' }).click()
  const row = page.getByRole('table', { name: 'Copies of this backup' }).getByRole('row', { name: /^second/ })
  // nothing is loaded again by hand: its state arrives by itself
  await expect(row).toContainText('verified', { timeout: 90_000 })
  await expect(main(page).getByText(/readable copies: .*second/)).toBeVisible()
}

async function findForeign(page: Page): Promise<void> {
  await writeFile(path.join(directory, 'holiday.jpg'), 'not a backup')
  await page.getByRole('table', { name: 'Copies of this backup' }).getByRole('link', { name: 'second' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'second' })).toBeVisible()
  await page.getByRole('button', { name: 'Reconcile now' }).click()
  const drift = page.getByRole('table', { name: 'Where second and the catalogue disagree' })
  await expect(drift).toContainText('holiday.jpg', { timeout: 60_000 })
  await expect(drift).toContainText('foreign')
  await expect(page.getByRole('heading', { name: '1 thing differs from the catalogue' })).toBeVisible()
}
