import { SEVERITY, type Severity } from './complaints'

export function SeverityChip({ severity }: { severity: Severity }) {
  return <span className={`chip severity ${severity}`}>{SEVERITY[severity]}</span>
}
