using System.Linq.Expressions;

namespace VnaCloud.Index.Query;

/// <summary>Puts a condition on a value onto a column: the parameter of the condition becomes the column's expression.</summary>
internal static class Substitution
{
    public static Expression<Func<T, bool>> On<T, TValue>(this Expression<Func<TValue, bool>> condition, Expression<Func<T, TValue>> column) =>
        Expression.Lambda<Func<T, bool>>(
            new Replace(condition.Parameters[0], column.Body).Visit(condition.Body), column.Parameters);

    public static Expression<Func<T, bool>> On<T, TFirst, TSecond>(
        this Expression<Func<TFirst, TSecond, bool>> condition, Expression<Func<T, TFirst>> first, Expression<Func<T, TSecond>> second)
    {
        var body = new Replace(condition.Parameters[0], first.Body).Visit(condition.Body);
        body = new Replace(condition.Parameters[1], new Replace(second.Parameters[0], first.Parameters[0]).Visit(second.Body)).Visit(body);
        return Expression.Lambda<Func<T, bool>>(body, first.Parameters);
    }

    /// <summary>Both conditions on one value.</summary>
    public static Expression<Func<T, bool>> And<T>(this Expression<Func<T, bool>> left, Expression<Func<T, bool>> right) =>
        Expression.Lambda<Func<T, bool>>(
            Expression.AndAlso(left.Body, new Replace(right.Parameters[0], left.Parameters[0]).Visit(right.Body)), left.Parameters);

    private sealed class Replace(ParameterExpression parameter, Expression by) : ExpressionVisitor
    {
        protected override Expression VisitParameter(ParameterExpression node) => node == parameter ? by : node;
    }
}
