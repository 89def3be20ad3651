import { expect, type Locator, type Page, test } from '@playwright/test'
import { signInAsAdmin } from './support/admin.ts'
import { homeOfProduct } from './support/home.ts'
import { watchPage } from './support/policy.ts'
import { sampleQuery } from './support/sample-query.ts'

/** Each path of the wizard, as a person goes it: what was damaged is whole afterwards, and what should be undone is undone. */
const query = (sql: string, dbname = 'cap_table') => sampleQuery(homeOfProduct(), dbname, sql)
const companies = `SELECT count(*)::int AS rows, md5(string_agg(t::text, chr(10) ORDER BY id)) AS hash FROM public.companies t`

let page: Page
let watched: Awaited<ReturnType<typeof watchPage>>

test.describe.configure({ mode: 'serial' })
test.beforeAll(async ({ browser }) => {
  page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage()
  watched = await watchPage(page)
  await signInAsAdmin(page)
  await page.getByRole('navigation').getByRole('link', { name: 'Databases' }).click()
  await page.getByRole('link', { name: 'cap_table' }).first().click()
  await page.waitForURL(/\/databases\/[0-9a-f-]{36}/)
  await page.getByRole('button', { name: 'Back up now' }).click()
  await page.getByRole('dialog', { name: 'Back up cap_table' }).getByRole('button', { name: 'Back up now' }).click()
  await page.waitForURL(/\/operations\/[0-9a-f-]{36}/)
  await expect(main().getByText('succeeded', { exact: true }).first()).toBeVisible({ timeout: 90_000 })
})
test.afterAll(async () => {
  expect(await watched.problems()).toEqual([])
  await page.context().close()
})

const main = (): Locator => page.getByRole('main')
const target = (): Locator => page.getByRole('region', { name: 'Source and target' })
const choose = (name: RegExp) => page.getByRole('radio', { name }).first().check({ force: true })

async function begin(happened: RegExp): Promise<void> {
  await page.getByRole('navigation').getByRole('link', { name: 'Restore' }).click()
  await choose(happened)
  await choose(/^cap_table/)
}

async function dryRun(noun = 'restore'): Promise<void> {
  await page.getByRole('button', { name: 'Go on to the dry run' }).click()
  await page.getByRole('button', { name: 'Start the dry run' }).click()
  await expect(page.getByRole('heading', { name: `The dry run found nothing that stops this ${noun}` })).toBeVisible({ timeout: 60_000 })
}

/** Presses the dangerous button: its dialog begins on Cancel, and wants the name. */
async function overwrite(button: string): Promise<void> {
  await page.getByRole('link', { name: 'Go on to confirm' }).click()
  await page.getByRole('button', { name: button }).click()
  await typeName(button, 'cap_table')
}

async function typeName(button: string, name: string): Promise<void> {
  const dialog = page.getByRole('alertdialog')
  await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused()
  await expect(dialog.getByRole('button', { name: button })).toHaveAttribute('aria-disabled', 'true')
  await dialog.getByLabel(`Type ${name} to confirm`).fill(name)
  await dialog.getByRole('button', { name: button }).click()
}

test('one table comes back beside the live one', async () => {
  await begin(/One table is wrong/)
  await page.getByRole('button', { name: 'Go on to the point' }).click()
  await page.getByRole('button', { name: 'Go on to the table' }).click()
  await page.getByLabel('Search tables').fill('companies')
  await choose(/^public\.companies(?!_)/)
  await dryRun()
  await expect(target()).toContainText('Overwritten: nothing')
  await page.getByRole('link', { name: 'Go on to confirm' }).click()
  await page.getByRole('button', { name: 'Restore the table beside the live one' }).click()
  await expect(page.getByRole('heading', { name: 'Restore beside public.companies completed' })).toBeVisible({ timeout: 90_000 })
  const [made] = await query(`SELECT tablename FROM pg_tables WHERE tablename LIKE 'companies_restored_%' ORDER BY tablename DESC LIMIT 1`)
  await expect(main()).toContainText(String(made?.tablename))
  expect(await query(`SELECT count(*)::int AS rows FROM public."${String(made?.tablename)}"`)).toEqual(
    await query('SELECT count(*)::int AS rows FROM public.companies'),
  )
})

test('a database is replaced, and swapped back after a look at what was written since', async () => {
  const before = await query(companies)
  await query(`UPDATE public.companies SET legal_name = 'damaged ' || id`)
  const damaged = await query(companies)
  await begin(/database is gone or damaged/)
  await page.getByRole('button', { name: 'Go on to the point' }).click()
  await page.getByRole('button', { name: 'Go on to the target' }).click()
  await choose(/In the live database’s place/)
  await dryRun()
  await expect(target()).toContainText('Overwritten: all of cap_table')
  await overwrite('Replace cap_table')
  await expect(page.getByRole('heading', { name: /Replacement of cap_table completed/ })).toBeVisible({ timeout: 120_000 })
  expect(await query(companies)).toEqual(before)
  await query(`INSERT INTO public.companies (legal_name, jurisdiction, incorporated_on, authorized_shares, par_value)
    VALUES ('written since', 'DE', '2026-01-01', 1, 1)`)

  await page.getByRole('button', { name: 'See what was written since' }).click()
  await expect(page.getByRole('region', { name: 'What was written since the swap' })).toContainText(/companies/, { timeout: 60_000 })
  await page.getByRole('button', { name: 'Swap back' }).click()
  await typeName('Swap back', 'cap_table')
  await page.waitForURL(/\/operations\//)
  await expect(page.getByRole('heading', { name: 'The newer cap_table is kept' })).toBeVisible({ timeout: 90_000 })
  expect(await query(companies)).toEqual(damaged)
})

test('damaged rows are compared and put back into the live database itself', async () => {
  await begin(/database is gone or damaged/)
  await page.getByRole('button', { name: 'Go on to the point' }).click()
  await choose(/backup_manual_/)
  await page.getByRole('button', { name: 'Go on to the target' }).click()
  await choose(/Into the live database itself/)
  await dryRun()
  await overwrite('Restore into cap_table itself')
  await expect(page.getByRole('heading', { name: /Restore into cap_table completed/ })).toBeVisible({ timeout: 120_000 })
  await expect(page.getByRole('link', { name: 'Open the safety backup' })).toBeVisible()
  expect(await query(`SELECT count(*)::int AS damaged FROM public.companies WHERE legal_name LIKE 'damaged %'`)).toEqual([{ damaged: 0 }])
})

test('the live database is cloned into a new one', async () => {
  const name = `cloned_${Date.now()}`
  await begin(/It must move/)
  await page.getByRole('button', { name: 'Go on to the target' }).click()
  await page.getByLabel('Name of the new database').fill(name)
  await dryRun('clone')
  await page.getByRole('link', { name: 'Go on to confirm' }).click()
  await page.getByLabel(`Type ${name} to confirm`).fill(name)
  await page.getByRole('button', { name: 'Clone into the new database' }).click()
  await expect(page.getByRole('heading', { name: `Clone into ${name} completed` })).toBeVisible({ timeout: 120_000 })
  expect(await query(companies, name)).toEqual(await query(companies))
})

test('a runbook leads to the wizard with its answers, and records what was done, when and by whom', async () => {
  await page.goto('/runbooks')
  await page.getByRole('link', { name: 'The database is damaged: cap_table', exact: true }).click()
  await page.getByRole('button', { name: 'Begin a record' }).click()
  await page.getByRole('checkbox', { name: 'Done: Stop the application' }).click({ force: true })
  await expect(
    main()
      .getByText(/^Done .* by /)
      .first(),
  ).toBeVisible()
  await page.getByRole('button', { name: 'End the record' }).click()
  await choose(/It was an exercise/)
  await page.getByRole('button', { name: 'End the record' }).click()
  await expect(page.getByRole('heading', { name: /The record of this recovery/ })).toBeVisible()
  await page
    .getByRole('link', { name: /^Replace the database/ })
    .first()
    .click()
  await expect(page.getByRole('button', { name: 'Start the dry run' })).toBeVisible()
  await expect(target()).toContainText('In the place of the live database')
  await page.goto('/runbooks')
  await expect(page.getByRole('table', { name: 'Runbooks that were followed, newest first' })).toContainText('exercise')
})
