// Package words puts numbers, names and places into the English of messages.
// What a person reads at length, in their own language, is internal/lang's.
package words
