// Package unasked keeps a library from questioning the terminal at the start
// of every command: Bubble Tea v1 asks for the background when it is
// initialised, and a terminal that never answers costs five seconds.
//
// Go initialises packages whose imports are ready in the order of their paths,
// and this one's comes before github.com/charmbracelet/bubbletea, which finds
// the answer given. tui/shell asks, with little patience, where a UI starts.
package unasked

import "github.com/charmbracelet/lipgloss"

func init() { lipgloss.SetHasDarkBackground(true) }
