// Package live is a run as it is seen and steered from outside, while it works
// and afterwards: what it says (Event, Log), what that comes to (Follow, State),
// which process it is (Lock, Running), and what makes it wait or end (Pause,
// Resume, Stop).
//
// All of it is files in the pilot's folder: runs/ID/events.jsonl, lock, pause.
// So a window can be closed and opened again, a process may be killed at any
// moment, and who looks changes nothing. It knows no plans, clips or models.
package live
