'use client'

import { useEffect, useState } from 'react'

/** The value once it has not changed for so many milliseconds: what is typed digit by digit is asked about once. */
export function useSettled<Value>(value: Value, milliseconds: number): Value {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), milliseconds)
    return () => clearTimeout(timer)
  }, [value, milliseconds])
  return settled
}
