// Package paint draws pages in a terminal's cells: exactly as many lines and
// columns as there are, at any size from 60×16 up.
//
// Frames, bars and marks are ASCII, whose width every terminal agrees on,
// Japanese ones included. Text is cut, never wrapped by the terminal. Colour
// repeats what a word says and can be left out.
package paint
