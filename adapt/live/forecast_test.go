package live

import (
	"slices"
	"testing"
)

func TestShortOf(t *testing.T) {
	hour, price := 3600.0, &Money{"JPY", 100}
	for _, c := range []struct {
		f    Forecast
		want []string
	}{
		{Forecast{}, nil},
		{Forecast{Estimate: Estimate{Bytes: 5}, DiskFree: 4, Memory: 3, MemoryFree: 2}, []string{ShortDisk, ShortMemory}},
		{Forecast{Estimate: Estimate{Bytes: 5}, DiskFree: 5, Memory: 3, MemoryFree: 3}, nil},
		{Forecast{Estimate: Estimate{Bytes: 5}, Memory: 3}, nil}, // nobody knows what is free
		{Forecast{Estimate: Estimate{AtLeast: hour}, Budget: Budget{Hours: 1, Cost: 100}, Money: price}, nil},
		{Forecast{Estimate: Estimate{AtLeast: hour}, Spent: 60, Budget: Budget{Hours: 1, Cost: 100}, Money: price}, []string{ShortHours, ShortMoney}},
		{Forecast{Estimate: Estimate{AtLeast: hour}, Spent: 60, Budget: Budget{Cost: 100}}, nil}, // nor what it costs
	} {
		if got := c.f.Short(); !slices.Equal(got, c.want) {
			t.Errorf("%+v is short of %v, want %v", c.f, got, c.want)
		}
	}
}
