import { expect, test } from 'vitest'
import { answerPasswordQuestion, askForPassword, isPasswordAsked, watchPasswordQuestion } from './password-question.ts'

test('where nobody shows the question the act stays refused', async () => {
  expect(await askForPassword()).toBe(false)
})

test('two acts that wait share one question, and the next act asks anew', async () => {
  let told = 0
  const stop = watchPasswordQuestion(() => (told += 1))
  const [first, second] = [askForPassword(), askForPassword()]
  expect(isPasswordAsked()).toBe(true)
  answerPasswordQuestion(true)
  expect(await Promise.all([first, second])).toEqual([true, true])
  expect(isPasswordAsked()).toBe(false)
  const third = askForPassword()
  answerPasswordQuestion(false)
  expect(await third).toBe(false)
  expect(told).toBe(4)
  stop()
})
