//! What providers quoted: the newest answer to each question, beside what our own rule said.

use rusqlite::{Row, params};

use super::rows::{all, millis, moment};
use super::{Store, StoreError};
use crate::domain::{ModelId, Quote, Usd};

/// So many questions a model are remembered: the newest ones.
const REMEMBERED: u32 = 200;

impl Store {
    /// Remembers these quotes, each with the question it answers.
    pub async fn remember_quotes(&self, quotes: Vec<(String, Quote)>) -> Result<(), StoreError> {
        self.write("remembering a quote", move |transaction| {
            for (question, quote) in &quotes {
                let (provider, model) = (quote.provider.as_str(), quote.model.as_str());
                transaction
                    .execute(
                        "INSERT OR REPLACE INTO quotes (provider, model, question, rule, quote, at)
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                        params![
                            provider,
                            model,
                            question,
                            quote.rule.map(Usd::micros),
                            quote.quote.micros(),
                            millis(quote.at)
                        ],
                    )
                    .and_then(|_| {
                        transaction.execute(
                            "DELETE FROM quotes WHERE provider = ?1 AND model = ?2 AND at < (SELECT at
                                FROM quotes WHERE provider = ?1 AND model = ?2
                                ORDER BY at DESC LIMIT 1 OFFSET ?3)",
                            params![provider, model, REMEMBERED - 1],
                        )
                    })
                    .map(drop)
                    .map_err(StoreError::sql("remembering a quote"))?;
            }
            Ok(())
        })
        .await
    }

    /// Of each model whose provider quotes another price than our rule, the newest such quote.
    pub async fn quote_differences(&self) -> Result<Vec<Quote>, StoreError> {
        self.call(|connection| {
            let sql = "SELECT provider, model, rule, quote, max(at) FROM quotes
                WHERE rule <> quote GROUP BY provider, model ORDER BY 5 DESC";
            all(connection, "reading quotes", sql, &[], quote)
        })
        .await
    }

    /// The newest quote of a model that is not what our rule says.
    pub async fn quote_difference(&self, model: &ModelId) -> Result<Option<Quote>, StoreError> {
        let model = model.as_str().to_owned();
        self.call(move |connection| {
            let sql = "SELECT provider, model, rule, quote, at FROM quotes
                WHERE model = :model AND rule <> quote ORDER BY at DESC LIMIT 1";
            Ok(all(connection, "reading a quote", sql, &[(":model", &model)], quote)?.pop())
        })
        .await
    }
}

fn quote(row: &Row<'_>) -> Result<Quote, StoreError> {
    let text = |error: rusqlite::Error| StoreError::Row(error.to_string());
    let provider: String = row.get(0).map_err(text)?;
    Ok(Quote {
        provider: provider.parse().map_err(|_| StoreError::Row(provider))?,
        model: ModelId(row.get(1).map_err(text)?),
        rule: row.get::<_, Option<i64>>(2).map_err(text)?.map(Usd::from_micros),
        quote: Usd::from_micros(row.get(3).map_err(text)?),
        at: moment(row.get(4).map_err(text)?)?,
    })
}
