'use client'

import type { ReactNode } from 'react'
import { Tab, TabList, TabPanel, Tabs as AriaTabs } from 'react-aria-components'

/** Tabs inside a dialog or form, where an address would be wrong. Pages use TabLinks. */
export function Tabs<Value extends string>(props: {
  label: string
  value: Value
  onChange: (value: Value) => void
  tabs: readonly { value: Value; label: ReactNode; content: ReactNode }[]
}) {
  const { label, value, onChange, tabs } = props
  return (
    <AriaTabs
      selectedKey={value}
      onSelectionChange={(key) => {
        const chosen = tabs.find((tab) => tab.value === key)
        if (chosen) onChange(chosen.value)
      }}
    >
      <TabList aria-label={label} className="flex gap-1 overflow-x-auto border-b border-line">
        {tabs.map((tab) => (
          <Tab
            key={tab.value}
            id={tab.value}
            className="-mb-px min-h-8 cursor-pointer border-b-2 border-transparent px-3 py-2 font-[550] whitespace-nowrap text-ink-2 outline-none data-[focus-visible]:outline-2 data-[focus-visible]:outline-ring data-[selected]:border-accent data-[selected]:text-ink"
          >
            {tab.label}
          </Tab>
        ))}
      </TabList>
      {tabs.map((tab) => (
        <TabPanel key={tab.value} id={tab.value} className="pt-4 outline-none">
          {tab.content}
        </TabPanel>
      ))}
    </AriaTabs>
  )
}
