/** A sound when a person is asked for, again and again until somebody is there. Browsers let it ring only after a click. */
import { createContext, useEffect, useRef, useState } from 'react'
import type { Loudness } from '../protocol/loudness'

/** By how loudly it calls; never a din. */
const EVERY_MS = [8000, 6000, 4000, 3000] as const
const VOLUME = [0.2, 0.25, 0.35, 0.45] as const
const KEY = 'hibachi:console:sound'

function remembered(): boolean {
  try {
    return localStorage.getItem(KEY) === 'on'
  } catch {
    return false
  }
}

function remember(on: boolean): void {
  try {
    localStorage.setItem(KEY, on ? 'on' : 'off')
  } catch {
    // A browser that keeps nothing asks again next time.
  }
}

const NOTES = [
  [0, 660],
  [0.18, 880],
  [0.36, 1046],
] as const

/** Two soft notes, made on the spot; a third one where nobody came for long. */
function ring(audio: AudioContext, loudness: Loudness = 0): void {
  for (const [start, pitch] of NOTES.slice(0, loudness > 1 ? 3 : 2)) {
    const at = audio.currentTime + start
    const tone = audio.createOscillator()
    const volume = audio.createGain()
    tone.frequency.value = pitch
    volume.gain.setValueAtTime(0.0001, at)
    volume.gain.exponentialRampToValueAtTime(VOLUME[loudness], at + 0.02)
    volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.5)
    tone.connect(volume).connect(audio.destination)
    tone.start(at)
    tone.stop(at + 0.55)
  }
}

export interface Bell {
  armed: boolean
  toggle(): void
}

export const BellContext = createContext<Bell | null>(null)

/** Rings while `waiting` people have nobody or something is overdue, more often the louder it is; once for each that `called`; `armed` only by a click, kept for the next visit's first. */
export function useBell(waiting: number, called: number, loudness: Loudness): Bell {
  const audio = useRef<AudioContext | null>(null)
  const [armed, setArmed] = useState(false)
  const arm = useRef((on: boolean) => {
    remember(on)
    if (on) {
      audio.current ??= new AudioContext()
      void audio.current.resume()
    }
    setArmed(on)
  }).current

  useEffect(() => {
    if (!remembered()) return
    const first = () => arm(remembered())
    window.addEventListener('pointerdown', first, { once: true })
    window.addEventListener('keydown', first, { once: true })
    return () => {
      window.removeEventListener('pointerdown', first)
      window.removeEventListener('keydown', first)
    }
  }, [arm])

  const calling = armed && (waiting > 0 || loudness > 0)
  useEffect(() => {
    const player = audio.current
    if (!calling || !player) return
    ring(player, loudness)
    const timer = setInterval(() => ring(player, loudness), EVERY_MS[loudness])
    return () => clearInterval(timer)
  }, [calling, loudness])

  const before = useRef(called)
  useEffect(() => {
    if (armed && called > before.current && audio.current) ring(audio.current)
    before.current = called
  }, [armed, called])

  return {
    armed,
    toggle() {
      const on = !armed
      arm(on)
      if (on && waiting === 0 && audio.current) ring(audio.current)
    },
  }
}
