package pilot

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/width"

	"framepilot/internal/fault"
	"framepilot/internal/words"
	"framepilot/pilot/roi"
)

// Assume records a rate or an assumption of the return, instead of its value
// before.
func (l *Ledger) Assume(ctx context.Context, pilot, by string, a Assumption) (Entry, error) {
	if err := a.check(); err != nil {
		return Entry{}, err
	}
	return l.append(ctx, pilot, "assume "+a.Name, func(*sql.Tx, Book) (Entry, error) {
		return Entry{By: by, Kind: Assumed, Assumption: &a}, nil
	})
}

// ParseAssumption reads an assumption as people type it: one value, or
// low,base,high, a share also in percent; a currency is a word. What is no
// number is ErrNoNumber, and ErrComma where a comma may be meant for decimals
// or thousands.
func ParseAssumption(name, text string) (Assumption, error) {
	if name == Currency {
		a := Assumption{Name: name, Text: strings.TrimSpace(text)}
		return a, a.check()
	}
	parts := strings.Split(width.Narrow.String(text), ",")
	var numbers []float64
	for _, part := range parts {
		x, percent, ok := words.Number(part)
		if !ok || percent && !roi.IsShare(name) {
			return Assumption{}, fault.New(fault.Usage, "as in wage_per_hour=2500,3000,3500", "%s=%s: %q %w", name, text, strings.TrimSpace(part), ErrNoNumber)
		}
		numbers = append(numbers, x)
	}
	if len(parts) == 2 {
		return Assumption{}, fault.New(fault.Usage, "write decimals with a point and thousands without a mark: 5.3, 5300; a range is low,base,high",
			"%s=%s %w", name, text, ErrComma)
	}
	return NewAssumption(name, numbers)
}

// Why an assumption can't be read.
var (
	ErrNoNumber = errors.New("is no number")
	ErrComma    = errors.New("is two numbers, where one or three are wanted")
)

// NewAssumption reads the name and the numbers of an assumption: one, or low,
// base, high. error_cost:TRUE:SAID is the cost of one kind of error.
func NewAssumption(name string, numbers []float64) (Assumption, error) {
	a := Assumption{Name: name}
	if kind, pair, ok := strings.Cut(name, ":"); ok {
		a.Name = kind
		a.Truth, a.Predicted, _ = strings.Cut(pair, ":")
		if a.Truth == "" || a.Predicted == "" {
			return a, fault.New(fault.Usage, "as in error_cost:lift:drop", "%q names no two classes", name)
		}
	}
	switch len(numbers) {
	case 1:
		a.Range = roi.Exactly(numbers[0])
	case 3:
		a.Range = roi.Range{Low: numbers[0], Base: numbers[1], High: numbers[2]}
	default:
		return a, fault.New(fault.Usage, "give low, base, high or one number", "%s has %d numbers", name, len(numbers))
	}
	return a, a.check()
}

func (a Assumption) check() error {
	names := append(roi.Names(), SecondsPerLabel, LabelWage, Currency)
	if !slices.Contains(names, a.Name) {
		return fault.New(fault.Usage, "choose "+strings.Join(names, ", "), "no assumption %q", a.Name)
	}
	if (a.Name == Currency) != (a.Text != "") {
		return fault.New(fault.Usage, "as in currency=JPY wage_per_hour=2500,3000,3500", "%s: a currency is a word, all else a number", a.Name)
	}
	if (a.Truth != "") != (a.Predicted != "") || a.Truth != "" && a.Name != roi.ErrorCost {
		return fault.New(fault.Usage, "as in error_cost:TRUE:SAID=500", "%s: only the cost of an error is of two classes", a.Name)
	}
	return a.Range.Check(a.Name)
}

// String is the assumption as `pilot assume` takes it.
func (a Assumption) String() string {
	name := a.Name
	if a.Truth != "" {
		name += ":" + a.Truth + ":" + a.Predicted
	}
	if a.Text != "" {
		return name + "=" + a.Text
	}
	number := func(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }
	if a.Range == roi.Exactly(a.Range.Base) {
		return name + "=" + number(a.Range.Base)
	}
	return name + "=" + number(a.Range.Low) + "," + number(a.Range.Base) + "," + number(a.Range.High)
}
