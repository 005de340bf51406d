// Package machine says what a computer has left for a run, and how much memory
// this process took. It asks the operating system and measures nothing itself;
// what a system does not tell is not made up.
package machine
