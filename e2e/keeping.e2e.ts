import { expect, type Page, test } from '@playwright/test'
import { signInAsAdmin } from './support/admin.ts'
import { watchPage } from './support/policy.ts'

const row = (page: Page, words: RegExp) => page.getByRole('table', { name: 'Schedules of cap_table' }).getByRole('row', { name: words })

test('a schedule is made, changed, paused and resumed, and says when it runs before it is saved', async ({ page }) => {
  const watched = await watchPage(page)
  await signInAsAdmin(page)
  await page.getByRole('navigation', { name: 'Screens' }).getByRole('link', { name: 'Schedules' }).click()
  await expect(page.getByRole('heading', { name: 'Schedules', level: 1 })).toBeVisible()

  await test.step('removing one asks first, and Cancel has the focus', async () => {
    await page.getByRole('button', { name: 'Remove the weekly schedule of cap_table' }).click()
    const dialog = page.getByRole('alertdialog', { name: 'Remove the weekly schedule of cap_table?' })
    await expect(dialog.getByRole('button', { name: 'Keep it' })).toBeFocused()
    await dialog.getByRole('button', { name: 'Remove the schedule' }).click()
    await expect(page.getByRole('button', { name: 'Remove the weekly schedule of cap_table' })).toHaveCount(0)
  })

  await test.step('what is typed is shown in words with the next five runs, in its zone and in UTC', async () => {
    await page.getByRole('button', { name: 'Add a schedule for cap_table' }).click()
    const dialog = page.getByRole('dialog', { name: 'Add a schedule for cap_table' })
    const cron = dialog.getByLabel('When, as a cron expression')
    await cron.fill('0 1 *')
    await expect(dialog.getByText('A cron expression has five fields, this has 3.')).toBeVisible()
    await expect(dialog.getByRole('button', { name: 'Add the schedule' })).toHaveAttribute('aria-disabled', 'true')
    await dialog.getByRole('button', { name: 'Saturdays at 01:00' }).click()
    await dialog.getByRole('combobox', { name: 'Time zone' }).fill('Berlin')
    await page.getByRole('option', { name: 'Europe/Berlin' }).click()
    const preview = dialog.getByRole('region', { name: 'Next five runs' })
    await expect(preview).toContainText('Saturday')
    await expect(preview.getByRole('listitem')).toHaveCount(5)
    await expect(preview.getByRole('listitem').first()).toContainText(/^Sat .*01:00 (CET|CEST|GMT\+[12]).*(00|23):00 UTC/)
    await dialog.getByRole('button', { name: 'Add the schedule' }).click()
    await expect(dialog).toHaveCount(0)
    await expect(row(page, /Saturday.*Europe\/Berlin/)).toBeVisible()
  })

  await test.step('it is changed', async () => {
    await page.getByRole('button', { name: 'Change the weekly schedule of cap_table' }).click()
    const dialog = page.getByRole('dialog', { name: 'Change the weekly schedule of cap_table' })
    await expect(dialog.getByRole('button', { name: 'Change the schedule' })).toHaveAttribute('aria-disabled', 'true')
    await dialog.getByLabel('When, as a cron expression').fill('30 4 * * 5')
    await expect(dialog.getByRole('region', { name: 'Next five runs' })).toContainText('Friday')
    await dialog.getByRole('button', { name: 'Change the schedule' }).click()
    await expect(row(page, /04:30.*Friday/)).toBeVisible()
  })

  await test.step('it is paused and resumed', async () => {
    await page.getByRole('button', { name: 'Pause the weekly schedule of cap_table' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Pause the schedule' }).click()
    await expect(row(page, /Friday.*paused/)).toBeVisible()
    await page.getByRole('link', { name: 'cap_table', exact: true }).click()
    await expect(page.getByRole('heading', { name: /04:30.*Friday/ })).toBeVisible()
    await page.getByRole('button', { name: 'Resume the weekly schedule of cap_table' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Resume the schedule' }).click()
    await expect(page.getByRole('button', { name: 'Pause the weekly schedule of cap_table' })).toBeVisible()
  })
  expect(await watched.problems()).toEqual([])
})

test('the simulator shows what a shorter rule would do, applies it with its delay, and it is withdrawn', async ({ page }) => {
  const watched = await watchPage(page)
  await signInAsAdmin(page)
  await page.getByRole('navigation', { name: 'Screens' }).getByRole('link', { name: 'Retention' }).click()
  const rules = page.getByRole('table', { name: 'Retention rules in force' })
  await expect(rules.getByRole('row', { name: /Every database, every storage/ })).toContainText(/30 days.*12 weeks.*12 months/s)
  await page.getByRole('link', { name: 'Change the rules' }).click()
  await expect(page.getByRole('heading', { name: 'Under the rules in force' })).toBeVisible()
  const apply = page.getByRole('button', { name: 'Apply the change' })
  await expect(apply).toHaveAttribute('aria-disabled', 'true')

  await page.getByRole('spinbutton', { name: 'daily, Every database, every storage, how many' }).fill('7')
  await expect(page.getByRole('heading', { name: 'Under the rules tried out' })).toBeVisible()
  await expect(page.getByText(/Shorter than now: it would act from/)).toBeVisible()
  await expect(apply).not.toHaveAttribute('aria-disabled', 'true')
  await apply.click()
  const dialog = page.getByRole('alertdialog', { name: 'Apply the changed rule?' })
  await expect(dialog).toContainText('daily: 30 days → 7 days')
  await expect(dialog).toContainText(/What becomes shorter acts from .* UTC, 72 hours from now/)
  await dialog.getByRole('button', { name: 'Apply the change' }).click()

  await expect(rules).toContainText(/30 days.*7 days in (3 days|7[12] h)/s)
  await page.getByRole('button', { name: 'Withdraw the shorter daily rule' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Withdraw the shorter rule' }).click()
  await expect(page.getByRole('button', { name: 'Withdraw the shorter daily rule' })).toHaveCount(0)
  await expect(rules).toContainText('30 days')
  expect(await watched.problems()).toEqual([])
})
