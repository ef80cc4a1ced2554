using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using VnaCloud.Index.Access;

namespace VnaCloud.Index.Model;

/// <summary>The model that searches are composed on. Column names are the property names in snake case.</summary>
internal abstract class IndexDb(DbContextOptions options) : DbContext(options)
{
    public DbSet<TenantEntity> Tenants => Set<TenantEntity>();
    public DbSet<StudyEntity> Studies => Set<StudyEntity>();
    public DbSet<StudyModalityEntity> StudyModalities => Set<StudyModalityEntity>();
    public DbSet<StudyWordEntity> StudyWords => Set<StudyWordEntity>();
    public DbSet<SeriesEntity> Series => Set<SeriesEntity>();
    public DbSet<SeriesRequestEntity> SeriesRequests => Set<SeriesRequestEntity>();
    public DbSet<InstanceEntity> Instances => Set<InstanceEntity>();
    public DbSet<PackEntity> Packs => Set<PackEntity>();
    public DbSet<AccessRecordEntity> AccessRecords => Set<AccessRecordEntity>();
    public DbSet<ShareLinkEntity> ShareLinks => Set<ShareLinkEntity>();
    public DbSet<ProtectionKeyEntity> ProtectionKeys => Set<ProtectionKeyEntity>();

    /// <summary>The condition for a pattern of PS3.4 C.2.2.2.4 ('*', '?'), case-sensitive, in the provider's own terms.</summary>
    public abstract Expression<Func<string, bool>> Matches(string pattern);

    /// <summary>Whether a part of a query may use the rows before it (LATERAL).</summary>
    public virtual bool CanNest => false;

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<TenantEntity>().ToTable("tenant").HasKey(static row => row.TenantId);
        modelBuilder.Entity<StudyEntity>().ToTable("study").HasKey(static row => new { row.TenantId, row.StudyUid });
        modelBuilder.Entity<StudyModalityEntity>().ToTable("study_modality")
            .HasKey(static row => new { row.TenantId, row.Modality, row.StudyDate, row.StudyTime, row.StudyUid });
        modelBuilder.Entity<StudyWordEntity>().ToTable("study_word")
            .HasKey(static row => new { row.TenantId, row.Kind, row.Fold, row.StudyDate, row.StudyTime, row.StudyUid });
        modelBuilder.Entity<SeriesEntity>().ToTable("series").HasKey(static row => new { row.TenantId, row.StudyUid, row.SeriesUid });
        modelBuilder.Entity<SeriesRequestEntity>().ToTable("series_request")
            .HasKey(static row => new { row.TenantId, row.StudyUid, row.SeriesUid, row.Item });
        modelBuilder.Entity<InstanceEntity>().ToTable("instance")
            .HasKey(static row => new { row.TenantId, row.StudyUid, row.SeriesUid, row.SopUid });
        modelBuilder.Entity<PackEntity>().ToTable("pack").HasKey(static row => new { row.TenantId, row.StudyUid, row.PackId });
        modelBuilder.Entity<AccessRecordEntity>().ToTable("access_record").HasKey(static row => new { row.TenantId, row.Id });
        modelBuilder.Entity<ShareLinkEntity>().ToTable("share_link").HasKey(static row => new { row.TenantId, row.Id });
        modelBuilder.Entity<ProtectionKeyEntity>().ToTable("protection_key").HasKey(static row => row.Name);
        foreach (var property in modelBuilder.Model.GetEntityTypes().SelectMany(static entity => entity.GetProperties()))
        {
            property.SetColumnName(SnakeCase(property.Name));
        }
    }

    private static string SnakeCase(string name) => string.Concat(name.Select(static (letter, index) =>
        !char.IsUpper(letter) ? letter.ToString() : index == 0 ? char.ToLowerInvariant(letter).ToString() : $"_{char.ToLowerInvariant(letter)}"));
}
