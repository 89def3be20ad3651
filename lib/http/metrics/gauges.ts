import { Gauge, Registry } from 'prom-client'

/** Gauges of one answer. Every name begins with `lifeboat_`; times are seconds since 1970, as Prometheus has them. What is not known has no sample. */
export interface Gauges {
  registry: Registry
  gauge<Label extends string>(name: string, help: string, labelNames?: readonly Label[]): Gauge<Label>
}

export function makeGauges(): Gauges {
  const registry = new Registry()
  return {
    registry,
    gauge: (name, help, labelNames = []) => new Gauge({ name: `lifeboat_${name}`, help, labelNames: [...labelNames], registers: [registry] }),
  }
}
