import { expect, type Page, test } from '@playwright/test'
import type { S3Config } from '#lib/engine/storage/s3.ts'
import { type S3Server, startS3Server } from '../test/support/s3-server.ts'
import { signInAsAdmin } from './support/admin.ts'
import { dumpedTables } from './support/dumped-tables.ts'
import { homeOfProduct } from './support/home.ts'
import { watchPage } from './support/policy.ts'
import { damageLocalCopy } from './support/stored-copy.ts'

const bucketName = `whole-way-${Date.now()}`
let s3: S3Server
let bucket: S3Config

test.beforeAll(async () => {
  test.setTimeout(180_000)
  s3 = await startS3Server()
  bucket = await s3.bucket(bucketName)
})
test.afterAll(async () => {
  await s3?.stop()
})

test('a database is backed up to two places, damage is found, and it comes back whole', async ({ page }) => {
  const watched = await watchPage(page)
  await signInAsAdmin(page)
  await expect(page.getByRole('link', { name: 'cap_table' }).first()).toBeVisible()

  await test.step('a bucket is added after its test passed', () => addBucket(page))
  const backup = await test.step('a backup goes to both storages', () => backUpToBoth(page))
  await test.step('both copies are verified without being asked for', () => expectVerified(page, backup))

  await test.step('one damaged byte is found by verifying, and named', async () => {
    await damageLocalCopy(homeOfProduct(), backup)
    await page.goto('/backups')
    await page.getByRole('checkbox', { name: `Choose ${backup}` }).check({ force: true })
    await page.getByRole('button', { name: 'Verify 1 backup' }).click()
    await expect(page.getByRole('heading', { name: 'Verifying 1 backup' })).toBeVisible()
    await expect(page.getByRole('row', { name: new RegExp(backup) })).toContainText(/local\s*corrupt/, { timeout: 60_000 })
    await page.getByRole('link', { name: backup, exact: true }).click()
    await expect(page.getByText('The copy on local is corrupt.')).toBeVisible()
    await page.getByRole('link', { name: 'History' }).click()
    await expect(page.getByRole('table', { name: 'Verifications of this backup' })).toContainText('corrupt')
  })

  const target = await test.step('it is restored into a new database from the good copy', () => restore(page, backup))
  await test.step('both databases, dumped again, hold the same rows in every table', async () => {
    const source = await dumpedTables(homeOfProduct(), 'cap_table')
    expect(Object.keys(source).length).toBeGreaterThanOrEqual(5)
    expect(await dumpedTables(homeOfProduct(), target)).toEqual(source)
  })
  expect(await watched.problems()).toEqual([])
})

async function addBucket(page: Page): Promise<void> {
  await page.getByRole('navigation').getByRole('link', { name: 'Storages' }).click()
  await page.getByRole('link', { name: 'Add a storage' }).click()
  await page.getByRole('radio', { name: /An S3 bucket/ }).check({ force: true })
  await page.getByLabel('Name in Lifeboat').fill('radosgw')
  await page.getByLabel('Bucket', { exact: true }).fill(bucket.bucket)
  await page.getByLabel('Region', { exact: true }).fill(bucket.region)
  await page.getByLabel('Endpoint').fill(bucket.endpoint ?? '')
  await page.getByLabel('Access key').fill(s3.credentials.accessKeyId)
  await page.getByLabel('Secret key').fill(s3.credentials.secretAccessKey)
  await page.getByRole('checkbox', { name: /Address the bucket in the path/ }).check({ force: true })
  await page.getByRole('button', { name: 'Test the storage' }).click()
  await expect(page.getByRole('heading', { name: /The test of .* passed/ })).toBeVisible({ timeout: 60_000 })
  await page.getByRole('button', { name: 'Add the storage' }).click()
  await expect(page.getByRole('heading', { name: 'radosgw' })).toBeVisible()
}

/** Answers the backup's name. */
async function backUpToBoth(page: Page): Promise<string> {
  await page.getByRole('navigation').getByRole('link', { name: 'Databases' }).click()
  await page.getByRole('link', { name: 'cap_table' }).first().click()
  await page.getByRole('button', { name: 'Back up now' }).click()
  const dialog = page.getByRole('dialog', { name: 'Back up cap_table' })
  await expect(dialog.getByRole('checkbox', { name: /^local/ })).toBeChecked()
  await expect(dialog.getByRole('checkbox', { name: /^radosgw/ })).toBeChecked()
  await dialog.getByRole('button', { name: 'Dry run' }).click()
  await expect(dialog.getByText('The dry run found nothing that stops this backup')).toBeVisible({ timeout: 60_000 })
  await dialog.getByRole('button', { name: 'Back up now' }).click()

  await page.waitForURL(/\/operations\/[0-9a-f-]{36}/)
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Back up cap_table')
  // the page is not loaded again: the end arrives by itself
  await expect(page.getByRole('main').getByText('succeeded', { exact: true }).first()).toBeVisible({ timeout: 90_000 })

  await page.getByRole('navigation').getByRole('link', { name: 'Backups' }).click()
  const newest = page
    .getByRole('table', { name: 'Backups, newest first' })
    .getByRole('link', { name: /^backup_manual_/ })
    .first()
  await expect(newest).toBeVisible()
  return (await newest.innerText()).trim()
}

async function expectVerified(page: Page, backup: string): Promise<void> {
  await page.getByRole('link', { name: backup, exact: true }).click()
  await page.waitForURL(/\/backups\/[0-9a-f-]{36}/)
  await expect(async () => {
    await page.reload()
    const copies = page.getByRole('table', { name: 'Copies of this backup' })
    await expect(copies.getByRole('row', { name: /^local/ })).toContainText('verified', { timeout: 2_000 })
    await expect(copies.getByRole('row', { name: /^radosgw/ })).toContainText('verified', { timeout: 2_000 })
  }).toPass({ timeout: 60_000 })
  await expect(page.getByText('Yes: every stored byte was read back and authenticated')).toBeVisible()
}

/** Answers the name of the new database. */
async function restore(page: Page, backup: string): Promise<string> {
  const target = `whole_way_${Date.now()}`
  await page.getByRole('link', { name: 'Restore from it' }).click()
  await expect(page.getByText(backup).first()).toBeVisible()
  await page.getByRole('button', { name: 'Go on to the target' }).click()
  await page.getByLabel('Name of the new database').fill(target)
  await page.getByRole('button', { name: 'Go on to the dry run' }).click()
  await page.getByRole('button', { name: 'Start the dry run' }).click()
  await expect(page.getByRole('heading', { name: 'The dry run found nothing that stops this restore' })).toBeVisible({ timeout: 60_000 })
  await page.getByRole('link', { name: 'Go on to confirm' }).click()

  const begin = page.getByRole('button', { name: 'Restore into the new database' })
  await expect(begin).toHaveAttribute('aria-disabled', 'true')
  await expect(page.getByRole('region', { name: 'Source and target' })).toContainText('Overwritten: nothing')
  await page.getByLabel(`Type ${target} to confirm`).fill(target)
  await begin.click()

  await expect(page.getByRole('heading', { name: `Restore into ${target} completed` })).toBeVisible({ timeout: 120_000 })
  await expect(page.getByText('Everything in the backup came back, and every table equals the backup.')).toBeVisible()
  await expect(page.getByText(`DROP DATABASE "${target}";`)).toBeVisible()
  return target
}
