/** LIFEBOAT_HOME of the product under test. */
export function homeOfProduct(): string {
  const home = process.env.LIFEBOAT_E2E_HOME
  if (home === undefined || home === '') throw new Error('LIFEBOAT_E2E_HOME is not set: npm test sets it to the LIFEBOAT_HOME of the product')
  return home
}
