/** A dangerous act was refused until the password is typed again: whoever shows the question answers it, and the act is sent once more. */
type Answer = (confirmed: boolean) => void

let asking: Answer | null = null
let shared: Promise<boolean> | null = null
const listeners = new Set<() => void>()

/** true: it was typed and was right. Asked once for all acts that wait. false: nobody shows the question, or it was closed. */
export function askForPassword(): Promise<boolean> {
  if (listeners.size === 0) return Promise.resolve(false)
  shared ??= new Promise<boolean>((resolve) => {
    asking = (confirmed) => {
      asking = null
      shared = null
      resolve(confirmed)
      tell()
    }
    tell()
  })
  return shared
}

/** For useSyncExternalStore. */
export function watchPasswordQuestion(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function isPasswordAsked(): boolean {
  return asking !== null
}

export function answerPasswordQuestion(confirmed: boolean): void {
  asking?.(confirmed)
}

function tell(): void {
  for (const listener of listeners) listener()
}
