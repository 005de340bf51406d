// Package convex finds the minimum of smooth convex functions, by L-BFGS, to
// within a stated part of their value: how far a point may be above the minimum
// is told by the function itself, from its gradient there.
//
// What it returns keeps that promise, else there is an error. It knows nothing
// of what is fitted. Steps follow from the function and the start alone.
package convex
