// Package gate says what a pilot must show before it goes on, and whether it
// has: PASS, FAIL, UNDECIDED with what would settle it, or BLOCKED.
//
// A criterion is agreed and sealed before the data it is judged by is opened.
// The verdict follows from the interval, not from the number in its middle,
// and on thin data it is never a pass. The package is arithmetic on readings;
// the ledger takes them.
package gate
