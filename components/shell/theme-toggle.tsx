'use client'

import { Monitor, Moon, Sun } from 'lucide-react'
import { useTheme } from 'next-themes'
import { useSyncExternalStore } from 'react'
import { Button } from '#components/ui/button.tsx'

const next = { light: 'dark', dark: 'system', system: 'light' } as const
const icons = { light: Sun, dark: Moon, system: Monitor }

/** Light, dark, as the system says. The server cannot know the choice, so the icon appears after the first paint. */
export function ThemeToggle() {
  const { theme, setTheme } = useTheme()
  const mounted = useSyncExternalStore(
    () => () => {},
    () => true,
    () => false,
  )
  const known: keyof typeof next = mounted && (theme === 'light' || theme === 'dark') ? theme : 'system'
  const Icon = icons[known]
  return (
    <Button variant="plain" label={`Theme: ${known}. Change to ${next[known]}`} onPress={() => setTheme(next[known])} icon={<Icon aria-hidden />}>
      {null}
    </Button>
  )
}
