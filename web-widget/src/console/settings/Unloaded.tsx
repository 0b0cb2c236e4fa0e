import { Component, type ReactNode } from 'react'

/** Says what to do where a part of the console could not be fetched: after an update, the old one is gone from the gateway. */
export class Unloaded extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false }

  static getDerivedStateFromError() {
    return { failed: true }
  }

  override render() {
    if (!this.state.failed) return this.props.children
    return (
      <section className="page" role="alert">
        <h1>This part could not be shown</h1>
        <p className="soft">
          The console was updated meanwhile, or the connection is gone. What you wrote in conversations is kept.
        </p>
        <div className="actions start">
          <button type="button" className="button primary" onClick={() => location.reload()}>
            Reload the console
          </button>
        </div>
      </section>
    )
  }
}
